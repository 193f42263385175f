use std::collections::VecDeque;

use castore_core::aggregate::Aggregate;
use castore_core::event::{Event, EventDetail};
use castore_core::event_sourced::EventSourced;
use castore_core::event_store::EventStoreError;
use castore_core::storage::RawEvent;
use castore_core::time::Timestamp;
use castore_runtime::event_store::{EventStore, Store};

use super::budget::Budget;
use super::merge_key::MergeKey;
use super::resumed::Floor;
use crate::channel::PouredEvent;
use crate::report::{PourFailure, ResumePosition};

/// The conditions that the events of a store must meet to be poured.
#[derive(Debug)]
pub(super) struct Wanted<S: EventSourced> {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
    /// The event types, or `None` for all types.
    pub(super) event_types: Option<Vec<<S::Event as Event>::EventType>>,
    /// Whether each event needs the aggregate at its version.
    pub(super) with_state: bool,
}

/// An open aggregate. Its earlier events are already processed, and the current page contains the next events.
pub(super) struct OpenAggregate<S: EventSourced> {
    aggregate_id: S::AggregateId,
    initial: Timestamp,
    ordinal: u64,
    floor: Floor,
    /// The latest timestamp of all events of the aggregate that were read so far.
    latest: Timestamp,
    page: VecDeque<Read<S>>,
    rest: RemainingEvents,
    /// The state before the next event of the page, if states are needed.
    aggregate: Option<Aggregate<S>>,
}

struct Read<S: EventSourced> {
    at: Timestamp,
    /// Whether the event is poured. If not, the event is needed only for the state.
    wanted: bool,
    event: EventDetail<S>,
    /// The event as it is stored.
    stored: RawEvent,
}

enum RemainingEvents {
    /// The events from this version on, or all events if there is no version.
    From(Option<u64>),
    None,
}

/// The next event, with the aggregate at the version of the event if the channel is state-carrying.
pub(super) struct Next<S: EventSourced> {
    pub(super) poured: PouredEvent<S>,
    pub(super) place: ResumePosition,
}

impl<S: EventSourced> OpenAggregate<S> {
    pub(super) fn new(aggregate_id: S::AggregateId, initial: Timestamp, ordinal: u64, floor: Floor) -> Self {
        Self {
            aggregate_id,
            initial,
            ordinal,
            floor,
            latest: initial,
            page: VecDeque::new(),
            rest: RemainingEvents::From(None),
            aggregate: None,
        }
    }

    /// Reads until an event to pour is found, and returns the key of this event. Returns `None` if no event is left.
    pub(super) async fn settle(
        &mut self,
        event_store: &EventStore<S>,
        wanted: &Wanted<S>,
        budget: &mut Budget,
    ) -> Result<Option<MergeKey>, PourFailure> {
        loop {
            while let Some(next) = self.page.front() {
                if next.wanted {
                    let (timestamp, version) = (Some(next.at), next.event.version);
                    return Ok(Some(MergeKey { timestamp, ordinal: self.ordinal, version }));
                }
                self.advance(event_store, wanted, budget)?;
            }
            let RemainingEvents::From(min_version) = self.rest else { return Ok(None) };
            self.read(event_store, wanted, min_version, budget).await?;
        }
    }

    async fn read(
        &mut self,
        event_store: &EventStore<S>,
        wanted: &Wanted<S>,
        min_version: Option<u64>,
        budget: &mut Budget,
    ) -> Result<(), PourFailure> {
        let limit = budget.page();
        let mut request = event_store.get_events(&self.aggregate_id).limit(limit as u64);
        if let Some(min_version) = min_version {
            request = request.min_version(min_version);
        }
        let (mut stream, mut events) = (request.stream(), Vec::new());
        while let Some(next) = stream.next_stored().await {
            events.push(next?.into_parts());
        }
        self.rest = match events.last().and_then(|(last, _)| last.version.checked_add(1)) {
            Some(next) if events.len() >= limit => RemainingEvents::From(Some(next)),
            _ => RemainingEvents::None,
        };
        for (event, stored) in events {
            // If an earlier version has a later timestamp, the event is poured as if it had that timestamp, too.
            self.latest = self.latest.max(event.timestamp);
            if wanted.to.is_some_and(|to| self.latest > to) {
                self.rest = RemainingEvents::None;
                break;
            }
            let pour = wanted.from.is_none_or(|from| self.latest >= from)
                && self.floor.passes(self.latest, event.version)
                && wanted.event_types.as_ref().is_none_or(|types| types.contains(&event.event_type()));
            if pour || wanted.with_state {
                self.page.push_back(Read { at: self.latest, wanted: pour, event, stored });
                budget.hold(1);
            }
        }
        Ok(())
    }

    /// Removes the next event from the page and returns it.
    pub(super) fn pop(
        &mut self,
        event_store: &EventStore<S>,
        wanted: &Wanted<S>,
        budget: &mut Budget,
    ) -> Result<Option<Next<S>>, PourFailure> {
        let Some(Read { at, event, stored, .. }) = self.advance(event_store, wanted, budget)? else { return Ok(None) };
        let place = ResumePosition {
            timestamp: at,
            initial_event_timestamp: self.initial,
            aggregate_id: self.aggregate_id.to_string(),
            version: event.version,
        };
        let poured = PouredEvent { event, stored, aggregate: self.aggregate.clone() };
        Ok(Some(Next { poured, place }))
    }

    /// Removes the first event of the page, applies it to the state, and returns it.
    fn advance(
        &mut self,
        event_store: &EventStore<S>,
        wanted: &Wanted<S>,
        budget: &mut Budget,
    ) -> Result<Option<Read<S>>, PourFailure> {
        let Some(read) = self.page.pop_front() else { return Ok(None) };
        budget.release();
        if wanted.with_state {
            let before = self.aggregate.take();
            self.aggregate = event_store.build_aggregate([&read.event], before).map_err(EventStoreError::from)?;
        }
        Ok(Some(read))
    }
}
