use super::EventStoreError;
use crate::aggregate::Aggregate;
use crate::event_sourced::EventSourced;
use crate::future::BoxFuture;

/// A source of aggregates for the messages that carry them. Event stores implement it.
///
/// Channels know event stores by this trait alone, so that channels and their adapters do not depend on the implementation
/// of event stores.
#[doc(hidden)]
pub trait AggregateSource<S: EventSourced>: Send + Sync {
    /// Loads an existing aggregate at a version, without its events.
    ///
    /// # Errors
    /// [`EventStoreError`]: [`AggregateNotFound`](EventStoreError::AggregateNotFound) if there are no events up to `version`.
    fn load_aggregate(
        &self,
        aggregate_id: &S::AggregateId,
        version: u64,
    ) -> BoxFuture<'static, Result<Aggregate<S>, EventStoreError>>;
}
