//! An event store whose events are numbers, and the channels of the store.

use castore::prelude::*;
use serde::{Deserialize, Serialize};

use crate::support::timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Event)]
pub enum CounterEvent {
    Counted(u64),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "COUNTERS", event = CounterEvent)]
pub struct Counter {
    pub last: u64,
}

impl Reducer for Counter {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let CounterEvent::Counted(last) = event.payload;
        Ok(Self { last })
    }
}

message_channel! {
    pub type CounterQueue = NotificationMessageQueue<Counter>;
    pub type CounterBus = NotificationMessageBus<Counter>;
    #[channel(order = "per_aggregate")]
    pub type OrderedQueue = NotificationMessageQueue<Counter>;
    #[channel(order = "per_aggregate")]
    pub type OrderedBus = NotificationMessageBus<Counter>;
}

/// Returns the message about version `version` of aggregate `id`.
pub fn message(id: &str, version: u64) -> NotificationMessage<Counter> {
    let event =
        EventDetail::new(id.to_owned(), version, timestamp("2024-01-01T00:00:00.000Z"), CounterEvent::Counted(version));
    NotificationMessage { event }
}

/// Returns the name of the message, for example `a1` for aggregate a, version 1.
pub fn name(message: &NotificationMessage<Counter>) -> String {
    format!("{}{}", message.event.aggregate_id, message.event.version)
}

pub fn name_in_queue(message: &CounterQueueMessage) -> String {
    let CounterQueueMessage::Counter(message) = message;
    name(message)
}

/// Returns a new event with the same content as the event of [`message`].
pub fn event(id: &str, version: u64) -> NewEvent<Counter> {
    NewEvent::new(id, version, CounterEvent::Counted(version))
}
