use std::time::Duration;

/// An aggregate whose next message could not be published. This message and the later ones of the aggregate wait in
/// the log, while those of other aggregates are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedAggregate {
    /// The event store.
    pub event_store_id: String,
    /// The aggregate.
    pub aggregate_id: String,
    /// The position of the first unpublished event of the aggregate.
    pub next_position: u64,
    /// The version of that event.
    pub version: u64,
    /// The number of attempts to publish it.
    pub attempts: u32,
    /// The error of the last attempt, without the payload.
    pub error: String,
    /// The time until the next attempt. Storages store the point in time, using their own clock.
    pub next_attempt_in: Duration,
    /// Whether the event was dropped by an operator. The relay skips it at the next attempt. Adapters keep a set flag
    /// when they write a row with the same `next_position` whose `dropped` is not set.
    pub dropped: bool,
}
