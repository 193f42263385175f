use castore_core::storage::StorageError;

use crate::driver::Pool;

tokio::task_local! {
    /// The pool of the projection whose handler is running in this task.
    static RUNNING: usize;
}

/// The error of a push inside a projection's handler.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error(
    "a projection handler must not push to its own storage: the push is not part of the projection's transaction, and may wait for the connection that the transaction uses; push from a listener or a worker of a relay"
)]
struct PushInHandler;

/// Runs a handler, and marks this task as running a handler of that pool.
pub(super) async fn run<F: Future>(pool: &Pool, handler: F) -> F::Output {
    RUNNING.scope(pool.id(), handler).await
}

/// Rejects a write through the pool of the projection whose handler is running in this task. The handler's transaction
/// can only end after the write, and would not include it.
///
/// # Errors
/// [`StorageError::Engine`].
pub(crate) fn refuse_push(pool: &Pool) -> Result<(), StorageError> {
    match RUNNING.try_with(|running| *running == pool.id()) {
        Ok(true) => Err(StorageError::engine(PushInHandler)),
        Ok(false) | Err(_) => Ok(()),
    }
}
