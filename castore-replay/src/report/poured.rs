use std::fmt;

use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;
use castore_core::time::Timestamp;

use super::{AfterAggregateEvent, AfterAggregateId, AfterEvent};

/// An aggregate that a pour came across.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedAggregate {
    /// Its id, as text.
    pub aggregate_id: String,
    /// When its event of version 1 happened.
    pub initial_event_timestamp: Timestamp,
}

/// What a pour read of an event store. Aggregates count as scanned even if none of their events was poured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventStoreScan {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The first aggregate that was scanned.
    pub first_scanned_aggregate: Option<ScannedAggregate>,
    /// The last aggregate that was scanned.
    pub last_scanned_aggregate: Option<ScannedAggregate>,
}

impl EventStoreScan {
    pub(crate) fn of(event_store_id: &'static str) -> Self {
        Self { event_store_id, first_scanned_aggregate: None, last_scanned_aggregate: None }
    }

    pub(crate) fn add(&mut self, aggregate_id: String, initial_event_timestamp: Timestamp) {
        let scanned = ScannedAggregate { aggregate_id, initial_event_timestamp };
        if self.first_scanned_aggregate.is_none() {
            self.first_scanned_aggregate = Some(scanned.clone());
        }
        self.last_scanned_aggregate = Some(scanned);
    }
}

/// What a pour of the events of several event stores did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PouredCollectionEvents {
    /// How many events this run poured.
    pub poured_event_count: u64,
    /// What was read, for each event store, in their order.
    pub scans: Vec<EventStoreScan>,
    /// Where to go on: after the event that was poured last, by this run or the one that it resumed. `None` if there
    /// was none.
    pub resume_point: Option<AfterEvent>,
}

/// What a pour of the events of an event store did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PouredEvents {
    /// How many events this run poured.
    pub poured_event_count: u64,
    /// The first aggregate that was scanned.
    pub first_scanned_aggregate: Option<ScannedAggregate>,
    /// The last aggregate that was scanned.
    pub last_scanned_aggregate: Option<ScannedAggregate>,
    /// Where to go on: after the event that was poured last, by this run or the one that it resumed. `None` if there
    /// was none.
    pub resume_point: Option<AfterEvent>,
}

impl From<PouredCollectionEvents> for PouredEvents {
    /// Of a collection of one.
    fn from(poured: PouredCollectionEvents) -> Self {
        let (first_scanned_aggregate, last_scanned_aggregate) = match poured.scans.into_iter().next() {
            Some(scan) => (scan.first_scanned_aggregate, scan.last_scanned_aggregate),
            None => (None, None),
        };
        Self {
            poured_event_count: poured.poured_event_count,
            first_scanned_aggregate,
            last_scanned_aggregate,
            resume_point: poured.resume_point,
        }
    }
}

/// What a pour of aggregate ids did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PouredAggregateIds {
    /// How many aggregate ids this run poured.
    pub poured_aggregate_id_count: u64,
    /// The first of them.
    pub first_scanned_aggregate: Option<ScannedAggregate>,
    /// The last of them.
    pub last_scanned_aggregate: Option<ScannedAggregate>,
    /// Where to go on: after the id that was poured last, by this run or the one that it resumed. `None` if there was
    /// none.
    pub resume_point: Option<AfterAggregateId>,
}

/// What a pour of the events of one aggregate did.
pub struct PouredAggregateEvents<S: EventSourced> {
    /// How many events this run poured.
    pub poured_event_count: u64,
    /// The first of them.
    pub first_poured_event: Option<EventDetail<S>>,
    /// The last of them.
    pub last_poured_event: Option<EventDetail<S>>,
    /// Where to go on: after the event that was poured last, by this run or the one that it resumed. `None` if there
    /// was none.
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
