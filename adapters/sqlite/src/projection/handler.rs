use std::cell::Cell;

use crate::open_file::FileId;

thread_local! {
    /// The database file of the projection whose handler runs on this thread.
    static RUNNING: Cell<Option<FileId>> = const { Cell::new(None) };
}

/// The error of a push from inside the handler of a projection.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error(
    "a projection handler must not push to its own storage: the push would wait for the transaction of the projection, which has locked the database; push from a listener or worker of a message channel on which a relay publishes the event"
)]
pub(crate) struct PushInHandler;

/// Runs a handler, and records the database file of its projection for this thread until the handler has returned.
pub(super) fn run<T>(file: FileId, handler: impl FnOnce() -> T) -> T {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            RUNNING.set(None);
        }
    }
    // Resets the record even if the handler panics.
    let _reset = Reset;
    RUNNING.set(Some(file));
    handler()
}

/// Returns whether this thread runs a handler whose transaction has locked the file. A write from such a handler would
/// wait for the transaction, which cannot end before the handler returns.
pub(crate) fn is_running_on(file: FileId) -> bool {
    // On systems other than Unix, files have no id.
    cfg!(unix) && RUNNING.get() == Some(file)
}
