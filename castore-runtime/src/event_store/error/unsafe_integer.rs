/// The error of a push whose event contains an integer outside of the range in which JavaScript numbers are exact, if
/// the store [rejects](crate::event_store::EventStore::refuse_unsafe_integers) such events. Nothing was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "version {version} of {event_store_id} aggregate {aggregate_id} has an integer beyond 2^53 - 1 in `{field}`; JavaScript cannot read it exactly, so store it as a string"
)]
#[non_exhaustive]
pub struct UnsafeIntegerError {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The version of the event.
    pub version: u64,
    /// The path of the integer, for example `payload.team[1].id`.
    pub field: String,
}
