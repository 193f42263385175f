//! Event stores, and channels that publish their events.

use castore::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Event)]
pub(crate) enum CounterEvent {
    Counted(u64),
}

/// The sum of all counted values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "COUNTERS", event = CounterEvent)]
pub(crate) struct Counter {
    pub(crate) sum: u64,
}

impl Reducer for Counter {
    fn reduce(state: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let CounterEvent::Counted(by) = event.payload;
        if by == 13 {
            return Err(ReduceError::new(event, "13 is bad luck"));
        }
        Ok(Self { sum: state.map_or(0, |state| state.sum) + by })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Event)]
pub(crate) enum NoteEvent {
    Noted,
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
    pub(crate) type StateBus = StateCarryingMessageBus<Counter, Note>;
}

pub(crate) struct Stores {
    pub(crate) counters: EventStore<Counter>,
    pub(crate) notes: EventStore<Note>,
}

impl Stores {
    pub(crate) fn new(storage: &castore_dynamodb::DynamoDbEventStorageAdapter) -> Self {
        Self { counters: EventStore::new(storage.clone()), notes: EventStore::new(storage.clone()) }
    }

    pub(crate) fn state_bus(&self) -> StateBus {
        StateBus::new(StateBusSources { counter: self.counters.clone(), note: self.notes.clone() })
    }

    /// Pushes one event for each version. The counted value of an event is its version.
    pub(crate) async fn count(&self, id: &str, versions: std::ops::RangeInclusive<u64>) {
        for version in versions {
            self.count_by(id, version, version).await;
        }
    }

    pub(crate) async fn count_by(&self, id: &str, version: u64, by: u64) {
        let event = NewEvent::new(id.to_owned(), version, CounterEvent::Counted(by));
        self.counters.push_event(event).await.unwrap();
    }

    pub(crate) async fn note(&self, id: &str, version: u64) {
        self.notes.push_event(NewEvent::new(id.to_owned(), version, NoteEvent::Noted)).await.unwrap();
    }
}
