use castore::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Event)]
pub enum CounterEvent {
    Counted(u64),
}

/// The sum of all counted numbers. The reducer rejects 13, and panics at 666. Tests store these numbers with a push
/// without the previous aggregate, which does not call the reducer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "COUNTERS", event = CounterEvent)]
pub struct Counter {
    pub sum: u64,
}

impl Reducer for Counter {
    fn reduce(state: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let CounterEvent::Counted(by) = event.payload;
        if by == 13 {
            return Err(ReduceError::new(event, "13 is bad luck"));
        }
        if by == 666 {
            panic!("the beast");
        }
        Ok(Self { sum: state.map_or(0, |state| state.sum) + by })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Event)]
pub enum NoteEvent {
    Noted,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "NOTES", event = NoteEvent)]
pub struct Note {
    pub count: u64,
}

impl Reducer for Note {
    fn reduce(state: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self { count: state.map_or(0, |state| state.count) + 1 })
    }
}

message_channel! {
    pub type AppBus = NotificationMessageBus<Counter, Note>;
    pub type StateBus = StateCarryingMessageBus<Counter, Note>;
}

pub fn state_bus(world: &super::World) -> StateBus {
    StateBus::new(StateBusSources { counter: world.counters.clone(), note: world.notes.clone() })
}

/// Pushes an event that adds its own version to the counter, and returns the position of the event.
pub async fn count(store: &impl Store<Counter>, id: &str, version: u64) -> u64 {
    count_by(store, id, version, version).await
}

pub async fn count_by(store: &impl Store<Counter>, id: &str, version: u64, by: u64) -> u64 {
    let event = NewEvent::new(id.to_owned(), version, CounterEvent::Counted(by));
    store.push_event(event).await.unwrap().position.unwrap()
}

pub async fn note(store: &impl Store<Note>, id: &str, version: u64) -> u64 {
    let event = NewEvent::new(id.to_owned(), version, NoteEvent::Noted);
    store.push_event(event).await.unwrap().position.unwrap()
}
