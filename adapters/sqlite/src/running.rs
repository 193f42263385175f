use std::cell::Cell;
use std::ptr;
use std::sync::Arc;

use castore_core::storage::StorageError;

thread_local! {
    /// The address of an adapter's mark while a transaction of the adapter runs on this thread, and null otherwise.
    static RUNNING: Cell<*const ()> = const { Cell::new(ptr::null()) };
}

/// The error of a call to an adapter from inside one of its own transactions.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error(
    "the function that was passed to `transaction` must not call the storage itself: the call would wait for the end of the transaction; push with `within_blocking`, and read with SQL"
)]
struct CallInTransaction;

/// A mark that an adapter sets on the thread that runs one of its transactions. All clones stand for the same adapter.
///
/// A push from inside a transaction of the same adapter would wait for the writer's thread, which waits for the
/// transaction. In memory, a read would also wait forever. The mark turns this deadlock into an error.
#[derive(Debug, Clone)]
pub(crate) struct Running(Arc<u8>);

impl Running {
    pub(crate) fn new() -> Self {
        // The content is not `()`, so that each mark has its own allocation, and thus its own address.
        Self(Arc::new(0))
    }

    fn address(&self) -> *const () {
        Arc::as_ptr(&self.0).cast()
    }

    /// Runs a transaction of the adapter, and sets the mark on this thread until the transaction has ended.
    pub(crate) fn run<T>(&self, transaction: impl FnOnce() -> T) -> T {
        struct Reset;
        impl Drop for Reset {
            fn drop(&mut self) {
                RUNNING.set(ptr::null());
            }
        }
        // Resets the mark even if the transaction panics.
        let _reset = Reset;
        RUNNING.set(self.address());
        transaction()
    }

    /// Rejects a call from inside a transaction of the same adapter.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if this thread runs a transaction of the adapter.
    pub(crate) fn refuse_call(&self) -> Result<(), StorageError> {
        if RUNNING.get() == self.address() { Err(StorageError::engine(CallInTransaction)) } else { Ok(()) }
    }
}
