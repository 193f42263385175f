use castore_core::log::LogEntry;

use super::rejection::Rejection;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EventState {
    Pending,
    Published,
    /// Not published, because this event or an earlier event of the aggregate was rejected permanently, or because the
    /// aggregate is parked.
    Skipped,
}

/// A batch of events that are being published, in order, with the state of each event. After a failure, the next
/// attempt publishes only the pending events.
#[derive(Debug)]
pub struct Batch {
    entries: Vec<LogEntry>,
    states: Vec<EventState>,
    pending: usize,
    rejections: Vec<Rejection>,
    one_per_call: bool,
    is_retry: bool,
}

impl Batch {
    /// Creates a batch of new events. Events of parked aggregates are skipped.
    pub fn new(entries: Vec<LogEntry>, is_parked: impl Fn(&LogEntry) -> bool) -> Self {
        let state = |entry| if is_parked(entry) { EventState::Skipped } else { EventState::Pending };
        let states: Vec<_> = entries.iter().map(state).collect();
        let pending = states.iter().filter(|state| **state == EventState::Pending).count();
        Self { entries, states, pending, rejections: Vec::new(), one_per_call: false, is_retry: false }
    }

    /// Creates a batch of events of a parked aggregate. The stored progress has already moved past these events,
    /// because parked aggregates do not hold it back.
    pub fn retry(entries: Vec<LogEntry>) -> Self {
        Self { is_retry: true, ..Self::new(entries, |_| false) }
    }

    /// Returns whether the events belong to a parked aggregate, so that publishing them does not move the stored
    /// progress.
    pub fn is_retry(&self) -> bool {
        self.is_retry
    }

    /// Returns whether no event is pending.
    pub fn is_done(&self) -> bool {
        self.pending == 0
    }

    /// Returns the last event before the first pending event, or the last event of the batch if no event is pending.
    /// This event and all earlier ones are published or skipped.
    pub fn last_done(&self) -> Option<&LogEntry> {
        let done = self.first_pending_index().unwrap_or(self.entries.len());
        self.entries.get(done.checked_sub(1)?)
    }

    /// Returns the first pending event.
    pub fn first_pending(&self) -> Option<&LogEntry> {
        self.entries.get(self.first_pending_index()?)
    }

    /// Returns the number of published events.
    pub fn published(&self) -> usize {
        self.states.iter().filter(|state| **state == EventState::Published).count()
    }

    /// Returns the indexes of the events that are not published: the pending and the skipped ones.
    pub fn unpublished(&self) -> impl Iterator<Item = usize> {
        self.states.iter().enumerate().filter(|(_, state)| **state != EventState::Published).map(|(index, _)| index)
    }

    /// Returns the rejected events. For each aggregate, this is only the first rejected event.
    pub fn rejections(&self) -> &[Rejection] {
        &self.rejections
    }

    pub(super) fn entry(&self, index: usize) -> Option<&LogEntry> {
        self.entries.get(index)
    }

    /// Requires that each remaining message is published in a separate call.
    pub(super) fn publish_one_per_call(&mut self) {
        self.one_per_call = true;
    }

    /// Returns the indexes of the pending events.
    pub(super) fn pending_indexes(&self) -> impl Iterator<Item = usize> {
        self.states.iter().enumerate().filter(|(_, state)| **state == EventState::Pending).map(|(index, _)| index)
    }

    pub(super) fn is_pending(&self, index: usize) -> bool {
        self.states.get(index) == Some(&EventState::Pending)
    }

    pub(super) fn publishes_one_per_call(&self) -> bool {
        self.one_per_call
    }

    pub(super) fn set_published(&mut self, index: usize) {
        self.set(index, EventState::Published);
    }

    /// Records that an event was rejected permanently. The event and the later events of its aggregate are skipped.
    pub(super) fn reject(&mut self, index: usize, error: String) -> Option<&Rejection> {
        let entry = self.entries.get(index)?;
        let (event_store_id, aggregate_id) = aggregate_of(entry);
        let (version, position) = (entry.event.version, entry.position);
        for later in index..self.entries.len() {
            if self.entries.get(later).is_some_and(|entry| is_of(entry, &event_store_id, &aggregate_id)) {
                self.set(later, EventState::Skipped);
            }
        }
        self.rejections.push(Rejection { event_store_id, aggregate_id, version, position, error });
        self.rejections.last()
    }

    /// Moves a pending event to another state. If the event is not pending, its state is final and does not change.
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

/// Returns the event store and the aggregate of an event.
pub(super) fn aggregate_of(entry: &LogEntry) -> (String, String) {
    (entry.event_store_id.as_ref().to_owned(), entry.event.aggregate_id.clone())
}

fn is_of(entry: &LogEntry, event_store_id: &str, aggregate_id: &str) -> bool {
    *entry.event_store_id == *event_store_id && entry.event.aggregate_id == aggregate_id
}
