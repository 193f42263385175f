use super::EventStoreError;
use crate::aggregate::Aggregate;
use crate::event_sourced::EventSourced;
use crate::future::BoxFuture;

/// A source of the aggregates for state-carrying messages. Event stores implement this trait.
///
/// Channels access event stores only through this trait, so that channels and their adapters do not depend on the
/// implementation of event stores.
#[doc(hidden)]
pub trait AggregateSource<S: EventSourced>: Send + Sync {
    /// Loads an existing aggregate at the given version, and returns it without its events.
    ///
    /// # Errors
    /// [`EventStoreError`], for example [`AggregateNotFound`](EventStoreError::AggregateNotFound) if there are no
    /// events up to `version`.
    fn load_aggregate(
        &self,
        aggregate_id: &S::AggregateId,
        version: u64,
    ) -> BoxFuture<'static, Result<Aggregate<S>, EventStoreError>>;
}
