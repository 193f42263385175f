//! The fixture of all behaviors: a fresh storage and its log, with short helper functions.

use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use castore_core::log::{EventLog, LogEntry, LogFilter, LogPage, LogQuery};
use castore_core::storage::{PushReceipt, RawEvent};

use super::{FreshLog, LogCapabilities, LogFactory};
use crate::storage::case::Case;
use crate::storage::compare::Seen;
use crate::storage::{Capabilities, FreshStorage};

/// The maximum time for which a log may lag behind writers that have finished.
const PATIENCE: Duration = Duration::from_secs(10);

/// A limit that no test reaches.
pub(crate) const MANY: usize = 10_000;

pub(crate) struct LogCase {
    /// The fixture of the storage behaviors, on the same storage.
    case: Case,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) fresh: FreshLog,
    pub(crate) log_capabilities: LogCapabilities,
}

impl Deref for LogCase {
    type Target = Case;

    fn deref(&self) -> &Case {
        &self.case
    }
}

/// A comparable form of a log entry: position, event store, and the complete event.
pub(crate) type SeenEntry = (u64, String, Seen);

pub(crate) fn entry(position: u64, store: &str, event: &RawEvent, capabilities: &Capabilities) -> SeenEntry {
    (position, store.to_owned(), Seen::of(event, capabilities))
}

/// Returns the log position of a pushed event. Panics if the receipt contains no position, because a storage with a log
/// must report it.
pub(crate) fn position(stored: PushReceipt) -> u64 {
    let position = stored.position.expect("a storage with a log must return the positions of pushes");
    assert!(position > 0, "positions are greater than 0");
    position
}

pub(crate) fn all() -> LogQuery {
    LogQuery::new(LogFilter::all(), MANY)
}

impl LogCase {
    pub(crate) async fn new(factory: &dyn LogFactory) -> Self {
        Self::of(factory.fresh().await, factory.capabilities(), factory.log_capabilities())
    }

    pub(crate) fn of(fresh: FreshLog, capabilities: Capabilities, log_capabilities: LogCapabilities) -> Self {
        let handle = fresh.handle();
        let (storage, log) = (FreshStorage::from_dyn(handle.storage.clone()), handle.log.clone());
        let case = Case { adapter: handle.storage.clone(), storage, capabilities };
        Self { case, log, fresh, log_capabilities }
    }

    /// Pushes an event and returns the expected log entry. The version of the event may leave a gap in its aggregate,
    /// because the order of the log does not depend on versions.
    pub(crate) async fn logged(&self, store: &str, event: RawEvent) -> SeenEntry {
        let position = position(self.push_anywhere(store, event.clone()).await);
        self.entry(position, store, &event)
    }

    pub(crate) fn entry(&self, position: u64, store: &str, event: &RawEvent) -> SeenEntry {
        entry(position, store, event, &self.capabilities)
    }

    pub(crate) fn entries(&self, entries: &[LogEntry]) -> Vec<SeenEntry> {
        entries.iter().map(|one| self.entry(one.position, &one.event_store_id, &one.event)).collect()
    }

    /// Returns the rewrite count of the whole log, which every page contains.
    pub(crate) async fn rewrites_of_log(&self) -> u64 {
        page(&self.log, 0, &all()).await.rewrites
    }

    /// Reads the log page by page, from the position `after` at least to `target`. Returns all events that match the
    /// query.
    pub(crate) async fn read_to(&self, target: u64, after: u64, query: &LogQuery) -> Vec<SeenEntry> {
        self.entries(&read_to(&self.log, target, after, query).await)
    }

    /// Reads the log from the beginning and asserts its exact content. `target` is the greatest position that was
    /// assigned.
    pub(crate) async fn expect_log(&self, target: u64, expected: &[SeenEntry]) {
        assert_eq!(self.read_to(target, 0, &all()).await, expected, "the log, read from the beginning");
    }
}

/// Reads one page, and asserts the guarantees that apply to every page.
pub(crate) async fn page(log: &Arc<dyn EventLog>, after: u64, query: &LogQuery) -> LogPage {
    let page =
        log.read_after(after, query).await.unwrap_or_else(|error| panic!("reading after {after}, {query:?}: {error}"));
    let positions: Vec<_> = page.events.iter().map(|entry| entry.position).collect();
    let what = format!("after {after}, {query:?}: positions {positions:?}, scanned to {}", page.scanned_to);
    assert!(positions.len() <= query.limit, "more events than the limit, {what}");
    assert!(positions.is_sorted_by(|one, next| one < next), "positions must grow, {what}");
    assert!(positions.iter().all(|position| *position > after), "an event at or before the start position, {what}");
    assert!(page.scanned_to >= after, "scanned backwards, {what}");
    assert!(positions.iter().all(|position| *position <= page.scanned_to), "events beyond `scanned_to`, {what}");
    if let Some(up_to) = query.up_to {
        assert!(positions.iter().all(|position| *position <= up_to), "events beyond `up_to`, {what}");
        assert!(page.scanned_to <= up_to.max(after), "scanned beyond `up_to`, {what}");
    }
    for entry in &page.events {
        let (store, event) = (&*entry.event_store_id, &entry.event);
        assert!(
            query.filter.passes(store, &event.event_type),
            "{event:?} of {store:?} does not pass the filter, {what}"
        );
        if let Some(one) = &query.aggregate {
            assert!(
                one.event_store_id == store && one.aggregate_id == event.aggregate_id,
                "{event:?} of {store:?} is of another aggregate, {what}"
            );
        }
    }
    page
}

/// Reads like [`read_on`], but returns only the events.
pub(crate) async fn read_to(log: &Arc<dyn EventLog>, target: u64, after: u64, query: &LogQuery) -> Vec<LogEntry> {
    read_on(log, target, after, query).await.0
}

/// Reads page by page until the log has been scanned at least to `target` and has no more events. Returns the events
/// and the position that was reached. The log may wait for active writers, but not for writers that have finished.
pub(crate) async fn read_on(
    log: &Arc<dyn EventLog>,
    target: u64,
    after: u64,
    query: &LogQuery,
) -> (Vec<LogEntry>, u64) {
    assert!(query.limit > 0, "reading with a limit of 0 never ends");
    let (mut read, mut at, started) = (Vec::new(), after, Instant::now());
    let target = target.min(query.up_to.unwrap_or(u64::MAX));
    loop {
        let page = page(log, at, query).await;
        let moved = page.scanned_to > at;
        at = page.scanned_to;
        read.extend(page.events);
        if !page.more && at >= target {
            return (read, at);
        }
        if !moved {
            assert!(
                started.elapsed() < PATIENCE,
                "the log stays at {at} and does not reach {target}, more: {}, blocked by {:?}",
                page.more,
                page.blocked_by
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}
