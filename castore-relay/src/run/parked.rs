use std::collections::HashMap;
use std::time::Duration;

use castore_core::log::LogEntry;
use castore_core::relay::ParkedAggregate;
use tokio::time::Instant;

/// A copy of the parked aggregates in the memory of the leader. Only the leader adds and removes parked aggregates.
#[derive(Debug)]
pub(crate) struct Parked {
    /// The parked aggregates, by event store and then by aggregate.
    rows: HashMap<String, HashMap<String, Row>>,
    count: usize,
    read_at: Instant,
}

#[derive(Debug, Clone)]
struct Row {
    aggregate: ParkedAggregate,
    due_at: Instant,
}

impl Parked {
    pub(crate) fn new() -> Self {
        Self { rows: HashMap::new(), count: 0, read_at: Instant::now() }
    }

    /// Replaces the copy with the stored aggregates, because another process may have requested a retry or dropped a
    /// message.
    pub(crate) fn replace(&mut self, rows: Vec<ParkedAggregate>) {
        *self = Self::new();
        rows.into_iter().for_each(|row| self.put(row));
    }

    pub(crate) fn put(&mut self, aggregate: ParkedAggregate) {
        // A delay that another program has written may overflow the clock.
        let now = Instant::now();
        let due_at = now.checked_add(aggregate.next_attempt_in).unwrap_or(now);
        let rows = self.rows.entry(aggregate.event_store_id.clone()).or_default();
        if rows.insert(aggregate.aggregate_id.clone(), Row { aggregate, due_at }).is_none() {
            self.count += 1;
        }
    }

    pub(crate) fn remove(&mut self, event_store_id: &str, aggregate_id: &str) {
        if self.rows.get_mut(event_store_id).is_some_and(|rows| rows.remove(aggregate_id).is_some()) {
            self.count -= 1;
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn read_at(&self) -> Instant {
        self.read_at
    }

    pub(crate) fn has(&self, entry: &LogEntry) -> bool {
        self.count > 0
            && self.rows.get(&*entry.event_store_id).is_some_and(|rows| rows.contains_key(&entry.event.aggregate_id))
    }

    /// Returns the time until the next attempt is due.
    pub(crate) fn next_due_in(&self) -> Option<Duration> {
        let now = Instant::now();
        self.all().map(|row| row.due_at.saturating_duration_since(now)).min()
    }

    /// Returns the aggregates that are due and whose next event is at or before `position`. The aggregate that has
    /// waited longest is first.
    pub(crate) fn due(&self, position: u64) -> Vec<ParkedAggregate> {
        if self.count == 0 {
            return Vec::new();
        }
        let now = Instant::now();
        let is_due = |row: &&Row| row.due_at <= now && row.aggregate.next_position <= position;
        let mut due: Vec<_> = self.all().filter(is_due).collect();
        due.sort_by_key(|row| row.due_at);
        due.into_iter().map(|row| row.aggregate.clone()).collect()
    }

    fn all(&self) -> impl Iterator<Item = &Row> {
        self.rows.values().flat_map(HashMap::values)
    }
}
