/// An event that was rejected permanently, so that its aggregate must be parked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The id of the event store of the event.
    pub event_store_id: String,
    /// The id of the aggregate of the event.
    pub aggregate_id: String,
    /// The version of the event.
    pub version: u64,
    /// The position of the event, or a placeholder if the source of the events has no positions.
    pub position: u64,
    /// The reason, without the payload.
    pub error: String,
}
