use std::borrow::Cow;

use castore_core::consumer::HandlerError;
use castore_core::event::{DecodeEventError, DecodeEventProblem};
use castore_core::log::{LogEntry, Logged};

/// The id of the event store to which all events of these tests belong.
pub(crate) const STORE: &str = "POKEMONS";

pub(crate) const HAPPENED: &str = "HAPPENED";
pub(crate) const REFUSED: &str = "REFUSED";
pub(crate) const PANICKING: &str = "PANICKING";
pub(crate) const UNDECODABLE: &str = "UNDECODABLE";

/// An event of the kit in the form that the handler of the read model receives.
#[derive(Debug, Clone)]
pub struct CountedEvent {
    /// The id of the aggregate whose events are counted.
    pub aggregate_id: String,
    event_type: String,
}

impl CountedEvent {
    /// Returns the outcome that the handler must return. The handler must call this method after it has counted the
    /// event, so that the tests can check that a failure rolls the count back.
    ///
    /// # Errors
    /// Returns an error for events that the handler must reject.
    ///
    /// # Panics
    /// Panics for events at which the handler must panic.
    pub fn outcome(&self) -> Result<(), HandlerError> {
        match self.event_type.as_str() {
            REFUSED => Err(HandlerError::new("refused on purpose")),
            PANICKING => panic!("panicking on purpose"),
            _ => Ok(()),
        }
    }
}

impl Logged for CountedEvent {
    fn event_store_ids() -> Vec<&'static str> {
        vec![STORE]
    }

    fn from_log(entry: &LogEntry) -> Result<Self, DecodeEventError> {
        let event = &entry.event;
        if &*event.event_type == UNDECODABLE {
            return Err(DecodeEventError {
                event_store_id: Cow::Owned(entry.event_store_id.to_string()),
                aggregate_id: event.aggregate_id.clone(),
                version: event.version,
                event_type: event.event_type.to_string(),
                problem: DecodeEventProblem::AggregateId,
            });
        }
        Ok(Self { aggregate_id: event.aggregate_id.clone(), event_type: event.event_type.to_string() })
    }
}
