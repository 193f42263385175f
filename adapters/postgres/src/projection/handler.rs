use castore_core::storage::StorageError;

use crate::driver::Pool;

tokio::task_local! {
    /// The id of the pool of the projection whose handler is running in this task.
    static RUNNING: usize;
}

/// The error of a push from inside the handler of a projection.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error(
    "a projection handler must not push to its own storage: the push is not part of the projection's transaction, and may wait for the connection that the transaction uses; push from a listener or worker of a message channel on which a relay publishes the event"
)]
struct PushInHandler;

/// Runs a handler, and records the pool of its projection for this task until the handler has returned.
pub(super) async fn run<F: Future>(pool: &Pool, handler: F) -> F::Output {
    RUNNING.scope(pool.id(), handler).await
}

/// Rejects a push if this task runs the handler of a projection that uses the same pool. The handler's transaction can
/// only end after the push, and would not include it.
///
/// # Errors
/// [`StorageError::Engine`] if the push is rejected.
pub(crate) fn refuse_push(pool: &Pool) -> Result<(), StorageError> {
    match RUNNING.try_with(|running| *running == pool.id()) {
        Ok(true) => Err(StorageError::engine(PushInHandler)),
        Ok(false) | Err(_) => Ok(()),
    }
}
