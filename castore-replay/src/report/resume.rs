use castore_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// After an event, in a pour of one or more event stores: what
/// [`PourEventStoreEvents::resume_from`](crate::PourEventStoreEvents::resume_from) takes. Serialises, to be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AfterEvent {
    pub(crate) event_store_ids: Vec<String>,
    /// Which of the event stores.
    pub(crate) event_store: usize,
    #[serde(flatten)]
    pub(crate) place: ResumePosition,
}

/// The place of an event among those of its event store, in the order of a pour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResumePosition {
    pub(crate) timestamp: Timestamp,
    pub(crate) initial_event_timestamp: Timestamp,
    pub(crate) aggregate_id: String,
    pub(crate) version: u64,
}

impl AfterEvent {
    /// The event stores that are poured, in their order.
    pub fn event_store_ids(&self) -> &[String] {
        &self.event_store_ids
    }

    /// The timestamp at which the event was poured: its own, or that of an earlier version of its aggregate, if that
    /// was later.
    pub fn timestamp(&self) -> Timestamp {
        self.place.timestamp
    }

    /// The aggregate of the event.
    pub fn aggregate_id(&self) -> &str {
        &self.place.aggregate_id
    }

    /// The version of the event.
    pub fn version(&self) -> u64 {
        self.place.version
    }
}

/// After an event, in a pour of one aggregate: what
/// [`PourAggregateEvents::resume_from`](crate::PourAggregateEvents::resume_from) takes. Serialises, to be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AfterAggregateEvent {
    pub(crate) event_store_id: String,
    pub(crate) aggregate_id: String,
    pub(crate) version: u64,
    /// How many events were read up to it: they count towards the limit.
    pub(crate) read: u64,
}

impl AfterAggregateEvent {
    /// The version of the event.
    pub fn version(&self) -> u64 {
        self.version
    }
}

/// After an aggregate, in a pour of aggregate ids: what
/// [`PourEventStoreAggregateIds::resume_from`](crate::PourEventStoreAggregateIds::resume_from) takes. Serialises, to
/// be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AfterAggregateId {
    pub(crate) event_store_id: String,
    pub(crate) aggregate_id: String,
    pub(crate) initial_event_timestamp: Timestamp,
}

impl AfterAggregateId {
    /// The aggregate.
    pub fn aggregate_id(&self) -> &str {
        &self.aggregate_id
    }
}
