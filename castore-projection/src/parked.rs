use castore_core::log::LogEntry;

/// A parked aggregate: a projection has rejected one of its events. The read model lacks this event and the later
/// events of the aggregate. The events of all other aggregates are applied.
///
/// A projection does not retry parked aggregates by itself. A relay retries its parked aggregates, so the
/// [`ParkedAggregate`](castore_core::relay::ParkedAggregate) of a relay also has the time of the next attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedProjectionAggregate {
    /// The id of the event store.
    pub event_store_id: String,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The position of the first unapplied event of the aggregate.
    pub next_position: u64,
    /// The version of the rejected event.
    pub version: u64,
    /// The number of attempts to apply that event.
    pub attempts: u32,
    /// The text of the last error.
    pub error: String,
}

impl ParkedProjectionAggregate {
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

    /// Returns the parked aggregate after `event` was rejected again. If the aggregate was parked at the same event,
    /// the number of attempts increases by 1. If `event` is a later event, the number starts at 1.
    ///
    /// Returns `None` if another process has applied `event` in the meantime, so that the aggregate now waits at a later
    /// event. In this case, nothing must be recorded.
    pub fn refused_again(self, event: &LogEntry, error: String) -> Option<Self> {
        if self.next_position > event.position {
            return None;
        }
        let attempts = if self.version == event.event.version { self.attempts.saturating_add(1) } else { 1 };
        Some(Self { next_position: event.position, version: event.event.version, attempts, error, ..self })
    }

    /// Returns whether the parked aggregate has these ids.
    pub fn is(&self, event_store_id: &str, aggregate_id: &str) -> bool {
        self.event_store_id == event_store_id && self.aggregate_id == aggregate_id
    }
}

#[cfg(test)]
mod tests {
    use castore_core::storage::RawEvent;
    use castore_core::time::Timestamp;

    use super::*;

    fn event(version: u64) -> LogEntry {
        let event = RawEvent {
            aggregate_id: "a".to_owned(),
            version,
            event_type: "HAPPENED".into(),
            timestamp: Timestamp::from_unix_millis(0).unwrap(),
            payload: None,
            metadata: None,
        };
        LogEntry::new(10 * version, "STORE".into(), event)
    }

    #[test]
    fn a_refusal_counts_attempts_of_one_event_and_never_moves_an_aggregate_back() {
        let parked = ParkedProjectionAggregate::first_refused(&event(2), 5, "no".to_owned());
        let again = parked.clone().refused_again(&event(2), "still no".to_owned()).unwrap();
        assert_eq!((again.next_position, again.attempts, again.error.as_str()), (20, 6, "still no"));
        let later = parked.refused_again(&event(3), "no".to_owned()).unwrap();
        assert_eq!((later.next_position, later.version, later.attempts), (30, 3, 1));
        // Another process has applied version 2 in the meantime.
        assert_eq!(later.refused_again(&event(2), "no".to_owned()), None);
    }
}
