use std::time::Duration;

/// An aggregate whose next message could not be published. This message and the later messages of the aggregate wait in
/// the log, while the messages of other aggregates are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedAggregate {
    /// The id of the event store.
    pub event_store_id: String,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The position of the first unpublished event of the aggregate.
    pub next_position: u64,
    /// The version of the first unpublished event.
    pub version: u64,
    /// The number of attempts to publish the first unpublished event.
    pub attempts: u32,
    /// The error of the last attempt, without the payload.
    pub error: String,
    /// The time until the next attempt. Storages store the time of the next attempt, based on their own clock.
    pub next_attempt_in: Duration,
    /// Whether an operator has dropped the first unpublished event. The relay skips a dropped event at the next
    /// attempt. An adapter that overwrites a stored row keeps the flag of that row, if the new row has the same
    /// `next_position`.
    pub dropped: bool,
}
