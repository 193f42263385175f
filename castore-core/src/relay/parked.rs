use std::time::Duration;

/// An aggregate one of whose messages cannot be published: it and the later ones of the aggregate wait in the log,
/// while those of all other aggregates flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedAggregate {
    /// The event store.
    pub event_store_id: String,
    /// The aggregate.
    pub aggregate_id: String,
    /// The position of its first event that is not published.
    pub next_position: u64,
    /// The version of that event.
    pub version: u64,
    /// How often publishing it was tried.
    pub attempts: u32,
    /// Why it failed, without the payload.
    pub error: String,
    /// How long from now until it is tried again. Storages keep the moment, by their own clock.
    pub next_attempt_in: Duration,
    /// Whether somebody gave up on that event: it is passed over at the next attempt. Adapters keep it as it is when
    /// they write a row of the same `next_position` whose `dropped` is not set.
    pub dropped: bool,
}
