use std::collections::BTreeMap;
use std::fmt;

use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;
use castore_core::time::Timestamp;

use super::{AfterAggregateEvent, AfterAggregateId, AfterEvent};

/// An aggregate that a pour has scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedAggregate {
    /// The id of the aggregate, as text.
    pub aggregate_id: String,
    /// The timestamp of the aggregate's event of version 1.
    pub initial_event_timestamp: Timestamp,
}

/// The range of aggregates that a pour has scanned in an event store. An aggregate counts as scanned even if none of
/// its events was poured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventStoreScan {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The first aggregate that was scanned.
    pub first_scanned_aggregate: Option<ScannedAggregate>,
    /// The last aggregate that was scanned.
    pub last_scanned_aggregate: Option<ScannedAggregate>,
    /// The number of events of each event type that this run poured, or would have poured in a dry run. The keys are
    /// the event types as they are stored.
    pub poured_event_types: BTreeMap<String, u64>,
}

impl EventStoreScan {
    pub(crate) fn of(event_store_id: &'static str) -> Self {
        Self {
            event_store_id,
            first_scanned_aggregate: None,
            last_scanned_aggregate: None,
            poured_event_types: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, aggregate_id: String, initial_event_timestamp: Timestamp) {
        let scanned = ScannedAggregate { aggregate_id, initial_event_timestamp };
        if self.first_scanned_aggregate.is_none() {
            self.first_scanned_aggregate = Some(scanned.clone());
        }
        self.last_scanned_aggregate = Some(scanned);
    }
}

/// The result of pouring the events of several event stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PouredCollectionEvents {
    /// The number of events that this run poured, or would have poured in a dry run.
    pub poured_event_count: u64,
    /// The scan of each event store, in the order of the stores.
    pub scans: Vec<EventStoreScan>,
    /// The point to resume from: after the last event that this run or the resumed run has poured. `None` if no event
    /// was poured.
    pub resume_point: Option<AfterEvent>,
}

/// The result of pouring the events of an event store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PouredEvents {
    /// The number of events that this run poured, or would have poured in a dry run.
    pub poured_event_count: u64,
    /// The first aggregate that was scanned.
    pub first_scanned_aggregate: Option<ScannedAggregate>,
    /// The last aggregate that was scanned.
    pub last_scanned_aggregate: Option<ScannedAggregate>,
    /// The number of events of each event type that this run poured, or would have poured in a dry run. The keys are
    /// the event types as they are stored.
    pub poured_event_types: BTreeMap<String, u64>,
    /// The point to resume from: after the last event that this run or the resumed run has poured. `None` if no event
    /// was poured.
    pub resume_point: Option<AfterEvent>,
}

impl From<PouredCollectionEvents> for PouredEvents {
    /// Converts the result of pouring a collection that consists of one store.
    fn from(poured: PouredCollectionEvents) -> Self {
        let scan = poured.scans.into_iter().next().unwrap_or_else(|| EventStoreScan::of(""));
        Self {
            poured_event_count: poured.poured_event_count,
            first_scanned_aggregate: scan.first_scanned_aggregate,
            last_scanned_aggregate: scan.last_scanned_aggregate,
            poured_event_types: scan.poured_event_types,
            resume_point: poured.resume_point,
        }
    }
}

/// The result of pouring aggregate ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PouredAggregateIds {
    /// The number of aggregate ids that this run poured.
    pub poured_aggregate_id_count: u64,
    /// The first aggregate that was scanned. If the pour failed, the message about this aggregate may be unpublished.
    pub first_scanned_aggregate: Option<ScannedAggregate>,
    /// The last aggregate that was scanned. If the pour failed, the message about this aggregate may be unpublished.
    pub last_scanned_aggregate: Option<ScannedAggregate>,
    /// The point to resume from: after the last id that this run or the resumed run has poured. `None` if no id was
    /// poured.
    pub resume_point: Option<AfterAggregateId>,
}

/// The result of pouring the events of one aggregate.
pub struct PouredAggregateEvents<S: EventSourced> {
    /// The number of events that this run poured.
    pub poured_event_count: u64,
    /// The first poured event.
    pub first_poured_event: Option<EventDetail<S>>,
    /// The last poured event.
    pub last_poured_event: Option<EventDetail<S>>,
    /// The point to resume from: after the last event that this run or the resumed run has poured. `None` if no event
    /// was poured.
    pub resume_point: Option<AfterAggregateEvent>,
}

impl<S: EventSourced> Clone for PouredAggregateEvents<S> {
    fn clone(&self) -> Self {
        Self {
            poured_event_count: self.poured_event_count,
            first_poured_event: self.first_poured_event.clone(),
            last_poured_event: self.last_poured_event.clone(),
            resume_point: self.resume_point.clone(),
        }
    }
}

impl<S: EventSourced> PartialEq for PouredAggregateEvents<S>
where
    EventDetail<S>: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.poured_event_count == other.poured_event_count
            && self.first_poured_event == other.first_poured_event
            && self.last_poured_event == other.last_poured_event
            && self.resume_point == other.resume_point
    }
}

impl<S: EventSourced> fmt::Debug for PouredAggregateEvents<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PouredAggregateEvents")
            .field("poured_event_count", &self.poured_event_count)
            .field("first_poured_event", &self.first_poured_event)
            .field("last_poured_event", &self.last_poured_event)
            .field("resume_point", &self.resume_point)
            .finish()
    }
}
