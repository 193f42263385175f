use castore_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A resume point after an event, in a pour of one or more event stores. The resume point can be serialized and stored.
/// See [`PourEventStoreEvents::resume_from`](crate::PourEventStoreEvents::resume_from).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AfterEvent {
    pub(crate) event_store_ids: Vec<String>,
    /// The index of the event store in the pour.
    pub(crate) event_store: usize,
    #[serde(flatten)]
    pub(crate) place: ResumePosition,
}

/// The position of an event in its event store, in the order of a pour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResumePosition {
    pub(crate) timestamp: Timestamp,
    pub(crate) initial_event_timestamp: Timestamp,
    pub(crate) aggregate_id: String,
    pub(crate) version: u64,
}

impl AfterEvent {
    /// Returns the ids of the event stores of the pour, in their order.
    pub fn event_store_ids(&self) -> &[String] {
        &self.event_store_ids
    }

    /// Returns the timestamp by which the event was ordered. This is the timestamp of the event, unless an earlier
    /// version of the same aggregate has a later timestamp.
    pub fn timestamp(&self) -> Timestamp {
        self.place.timestamp
    }

    /// Returns the id of the event's aggregate.
    pub fn aggregate_id(&self) -> &str {
        &self.place.aggregate_id
    }

    /// Returns the version of the event.
    pub fn version(&self) -> u64 {
        self.place.version
    }
}

/// A resume point after an event, in a pour of one aggregate. The resume point can be serialized and stored. See
/// [`PourAggregateEvents::resume_from`](crate::PourAggregateEvents::resume_from).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AfterAggregateEvent {
    pub(crate) event_store_id: String,
    pub(crate) aggregate_id: String,
    pub(crate) version: u64,
    /// The number of events that were read, up to and including this event. These events count toward the limit.
    pub(crate) read: u64,
}

impl AfterAggregateEvent {
    /// Returns the version of the event.
    pub fn version(&self) -> u64 {
        self.version
    }
}

/// A resume point after an aggregate, in a pour of aggregate ids. The resume point can be serialized and stored. See
/// [`PourEventStoreAggregateIds::resume_from`](crate::PourEventStoreAggregateIds::resume_from).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AfterAggregateId {
    pub(crate) event_store_id: String,
    pub(crate) aggregate_id: String,
    pub(crate) initial_event_timestamp: Timestamp,
}

impl AfterAggregateId {
    /// Returns the id of the aggregate.
    pub fn aggregate_id(&self) -> &str {
        &self.aggregate_id
    }
}
