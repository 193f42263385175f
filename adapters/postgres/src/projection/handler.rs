use castore_core::storage::StorageError;
use deadpool_postgres::Pool;

tokio::task_local! {
    /// The pool of the projection whose handler this task is running.
    static RUNNING: usize;
}

/// The error of a push inside a projection's handler.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error(
    "a projection handler must not push to its own storage: the push is not part of the projection's transaction, and would \
     wait for a connection that the transaction has; push from a listener or a worker of a relay"
)]
struct PushInHandler;

/// Runs a handler, and notes for which pool this task does so.
pub(super) async fn run<F: Future>(pool: &Pool, handler: F) -> F::Output {
    RUNNING.scope(id(pool), handler).await
}

/// Refuses a write through the pool of the projection whose handler this task is running: a transaction of that pool ends
/// only after the write.
///
/// # Errors
/// [`StorageError::Engine`].
pub(crate) fn refuse_push(pool: &Pool) -> Result<(), StorageError> {
    match RUNNING.try_with(|running| *running == id(pool)) {
        Ok(true) => Err(StorageError::engine(PushInHandler)),
        Ok(false) | Err(_) => Ok(()),
    }
}

/// Clones of a pool share their manager.
fn id(pool: &Pool) -> usize {
    std::ptr::from_ref(pool.manager()).addr()
}
