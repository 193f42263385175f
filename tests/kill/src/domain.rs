use castore::prelude::*;
use serde::{Deserialize, Serialize};

/// The ids of the event stores.
pub const STORES: [&str; 2] = ["COUNTERS", "NOTES"];

/// The ids of the counters whose event of version [`POISONED_VERSION`] the broker rejects temporarily.
pub const POISONED: [&str; 2] = ["00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001"];

/// The version of the events that the broker rejects temporarily. See [`POISONED`].
pub const POISONED_VERSION: u64 = 3;

/// Returns an aggregate id that every storage accepts.
pub(crate) fn aggregate_id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

#[derive(Debug, Clone, PartialEq, Event)]
pub(crate) enum CounterEvent {
    Counted {
        by: u64,
        /// The number of times that the event was replaced.
        revision: u64,
    },
    Noted {
        /// The id of the note whose event was stored in the same event group.
        note_id: String,
        group: String,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "COUNTERS", event = CounterEvent)]
pub(crate) struct Counter {
    pub(crate) sum: u64,
}

impl Reducer for Counter {
    fn reduce(state: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let sum = state.map_or(0, |state| state.sum);
        Ok(match &event.payload {
            CounterEvent::Counted { by, .. } => Self { sum: sum + by },
            CounterEvent::Noted { .. } => Self { sum },
        })
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
pub(crate) enum NoteEvent {
    Taken { group: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "NOTES", event = NoteEvent)]
pub(crate) struct Note {
    pub(crate) count: u64,
}

impl Reducer for Note {
    fn reduce(state: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self { count: state.map_or(0, |state| state.count) + 1 })
    }
}

message_channel! {
    pub(crate) type AppBus = NotificationMessageBus<Counter, Note>;
}
