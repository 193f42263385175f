use std::collections::HashMap;

use castore_core::log::LogEntry;

use super::Failure;
use super::round::{Round, aggregate_of};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EventState {
    Pending,
    Published,
    /// Behind an event that was rejected permanently, or an event of an aggregate that is parked.
    Skipped,
}

/// Events that are being published, in their order, and the state of each.
///
/// An event that was published stays published when others fail: only the pending events are published again.
#[derive(Debug)]
pub struct Batch {
    entries: Vec<LogEntry>,
    states: Vec<EventState>,
    pending: usize,
    rejections: Vec<Rejection>,
    one_per_call: bool,
    is_retry: bool,
}

/// An event that was rejected permanently: its aggregate must be parked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The event store.
    pub event_store_id: String,
    /// The aggregate.
    pub aggregate_id: String,
    /// The version of the event.
    pub version: u64,
    /// The position of the event, if its source has positions.
    pub position: u64,
    /// The reason, without the payload.
    pub error: String,
}

impl Batch {
    /// Creates a batch of new events. Events of parked aggregates are skipped.
    pub fn new(entries: Vec<LogEntry>, is_parked: impl Fn(&LogEntry) -> bool) -> Self {
        let state = |entry| if is_parked(entry) { EventState::Skipped } else { EventState::Pending };
        let states: Vec<_> = entries.iter().map(state).collect();
        let pending = states.iter().filter(|state| **state == EventState::Pending).count();
        Self { entries, states, pending, rejections: Vec::new(), one_per_call: false, is_retry: false }
    }

    /// Creates a batch of events of a parked aggregate. The stored progress is already beyond these events.
    pub fn retry(entries: Vec<LogEntry>) -> Self {
        Self { is_retry: true, ..Self::new(entries, |_| false) }
    }

    /// Whether the events are those of a parked aggregate, so that publishing them does not move the stored progress.
    pub fn is_retry(&self) -> bool {
        self.is_retry
    }

    /// Whether no event is pending.
    pub fn is_done(&self) -> bool {
        self.pending == 0
    }

    /// The last event before the first pending one: it and all events before it are published or skipped.
    pub fn last_done(&self) -> Option<&LogEntry> {
        let done = self.first_pending_index().unwrap_or(self.entries.len());
        self.entries.get(done.checked_sub(1)?)
    }

    /// The first pending event.
    pub fn first_pending(&self) -> Option<&LogEntry> {
        self.entries.get(self.first_pending_index()?)
    }

    /// The number of published events.
    pub fn published(&self) -> usize {
        self.states.iter().filter(|state| **state == EventState::Published).count()
    }

    /// The indexes of the events that are not published: the pending and the skipped ones.
    pub fn unpublished(&self) -> impl Iterator<Item = usize> {
        self.states.iter().enumerate().filter(|(_, state)| **state != EventState::Published).map(|(index, _)| index)
    }

    /// The rejected events: at most one of each aggregate, the first.
    pub fn rejections(&self) -> &[Rejection] {
        &self.rejections
    }

    pub(super) fn entry(&self, index: usize) -> Option<&LogEntry> {
        self.entries.get(index)
    }

    /// From now on each message is published in a call of its own.
    pub(super) fn publish_one_per_call(&mut self) {
        self.one_per_call = true;
    }

    /// Plans the calls for the pending events: one call, if the adapter preserves the order of each aggregate within a
    /// call when a message is rejected. Otherwise each call has one message per aggregate.
    pub(super) fn round(&self, preserves_order: bool) -> Round {
        let pending = self.states.iter().enumerate().filter(|(_, state)| **state == EventState::Pending);
        let pending = pending.map(|(index, _)| index);
        if self.one_per_call {
            return Round::new(pending.map(|index| vec![index]).collect());
        }
        if preserves_order {
            return Round::new(vec![pending.collect()]);
        }
        let mut calls: Vec<Vec<usize>> = Vec::new();
        let mut calls_of: HashMap<(&str, &str), usize> = HashMap::new();
        for (index, entry) in pending.filter_map(|index| Some((index, self.entries.get(index)?))) {
            let call = calls_of.entry((&entry.event_store_id, &entry.event.aggregate_id)).or_default();
            match calls.get_mut(*call) {
                Some(call) => call.push(index),
                None => calls.push(vec![index]),
            }
            *call += 1;
        }
        Round::new(calls)
    }

    /// Whether an event is pending and its aggregate has not failed in this round.
    pub(super) fn takes_part(&self, index: usize, round: &Round) -> bool {
        self.states.get(index) == Some(&EventState::Pending)
            && self.entries.get(index).is_some_and(|entry| !round.is_held(entry))
    }

    pub(super) fn set_published(&mut self, index: usize) {
        self.set(index, EventState::Published);
    }

    /// Records the failure of an event whose earlier events did not fail in this round. Returns the rejection, if the
    /// failure is permanent.
    pub(super) fn set_failed(&mut self, index: usize, failure: Failure, round: &mut Round) -> Option<&Rejection> {
        let entry = self.entries.get(index)?;
        let (event_store_id, aggregate_id) = aggregate_of(entry);
        let error = match failure {
            Failure::Permanent(error) => error,
            Failure::Transient(error) => {
                round.hold(entry, error);
                return None;
            }
        };
        let (version, position) = (entry.event.version, entry.position);
        for later in index..self.entries.len() {
            let is_of_it = self.entries.get(later).is_some_and(|entry| {
                *entry.event_store_id == *event_store_id && entry.event.aggregate_id == aggregate_id
            });
            if is_of_it {
                self.set(later, EventState::Skipped);
            }
        }
        self.rejections.push(Rejection { event_store_id, aggregate_id, version, position, error });
        self.rejections.last()
    }

    /// Moves a pending event to another state. The state of an event that is not pending does not change any more.
    fn set(&mut self, index: usize, to: EventState) {
        if let Some(state) = self.states.get_mut(index).filter(|state| **state == EventState::Pending) {
            *state = to;
            self.pending -= 1;
        }
    }

    fn first_pending_index(&self) -> Option<usize> {
        self.states.iter().position(|state| *state == EventState::Pending)
    }
}
