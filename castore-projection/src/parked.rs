use castore_runtime::log::LogEntry;

/// An aggregate one of whose events was refused by a projection. That event and the later ones of the aggregate are missing
/// in the read model; the events of all other aggregates are applied.
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
    /// The text of the last error.
    pub error: String,
}

impl ParkedAggregate {
    pub(crate) fn first_refused(event: &LogEntry, attempts: u32, error: String) -> Self {
        Self {
            event_store_id: event.event_store_id.to_string(),
            aggregate_id: event.event.aggregate_id.clone(),
            next_position: event.position,
            version: event.event.version,
            attempts,
            error,
        }
    }

    /// The same aggregate after `event` was refused once more: attempts count up for the same event, and begin again for a
    /// later one.
    #[must_use = "the method returns the changed aggregate"]
    pub fn refused_again(self, event: &LogEntry, error: String) -> Self {
        let attempts = if self.version == event.event.version { self.attempts.saturating_add(1) } else { 1 };
        Self { next_position: event.position, version: event.event.version, attempts, error, ..self }
    }

    /// Whether this is that aggregate.
    pub fn is(&self, event_store_id: &str, aggregate_id: &str) -> bool {
        self.event_store_id == event_store_id && self.aggregate_id == aggregate_id
    }
}
