/// An aggregate one of whose events was refused by a projection: it and the later ones of the aggregate are not in the
/// read model, while those of all others are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedAggregate {
    /// The event store.
    pub event_store_id: String,
    /// The aggregate.
    pub aggregate_id: String,
    /// The position of its first event that is not applied.
    pub next_position: u64,
    /// The version of the event that was refused.
    pub version: u64,
    /// How often applying it was tried.
    pub attempts: u32,
    /// Why it failed.
    pub error: String,
}
