use async_trait::async_trait;
use castore_core::log::LogEntry;

use super::call::Failure;

/// A source of the messages of one event store, for a channel whose messages contain the aggregate.
#[async_trait]
pub trait MessageSource<M>: Send + Sync {
    /// Creates the message about an event. Returns `None` if the aggregate must be loaded first, and a [`Failure`] if
    /// the message cannot be created.
    fn make(&mut self, entry: &LogEntry) -> Option<Result<M, Failure>>;

    /// Loads the aggregate and creates the message about an event.
    ///
    /// # Errors
    /// A [`Failure`] if the message cannot be created.
    async fn load(&mut self, entry: &LogEntry) -> Result<M, Failure>;

    /// Drops the cached state of an aggregate.
    fn forget(&mut self, aggregate_id: &str);

    /// Drops all cached aggregates.
    fn forget_all(&mut self);
}
