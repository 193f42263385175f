use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::storage::RawEvent;

/// An event in a log.
#[derive(Clone)]
#[non_exhaustive]
pub struct LogEntry {
    /// The position of the event in the log.
    pub position: u64,
    /// The id of the event store.
    pub event_store_id: Arc<str>,
    /// The event.
    pub event: RawEvent,
}

impl LogEntry {
    /// Creates an entry.
    pub fn new(position: u64, event_store_id: Arc<str>, event: RawEvent) -> Self {
        Self { position, event_store_id, event }
    }
}

impl fmt::Debug for LogEntry {
    /// Omits payload and metadata, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LogEntry")
            .field("position", &self.position)
            .field("event_store_id", &self.event_store_id)
            .field("event", &self.event)
            .finish()
    }
}

/// A page of events from a log.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LogPage {
    /// The events, ordered by position.
    pub events: Vec<LogEntry>,
    /// The position from which to continue reading. All events up to this position that pass the filter are in
    /// [`events`](Self::events) or in earlier pages. No further events will appear up to this position.
    ///
    /// The position may be greater than the position of the last event, because other events were filtered out. After a
    /// crash of the log's database, the positions after the last event may be rolled back, and new events may reuse
    /// these positions. Therefore a checkpoint that is stored in another database must contain only positions of events
    /// that were read.
    pub scanned_to: u64,
    /// Whether there are further events beyond the limit.
    pub more: bool,
    /// The writers for which the log waits before it can return later events, or `None` if the log waits for no writer.
    pub blocked_by: Option<BlockedBy>,
    /// The rewrite count of the whole log: the number of times that stored events were replaced or removed. 0 if the
    /// storage does not count rewrites. A reader that caches aggregates must drop the cached aggregates when the count
    /// changes.
    pub rewrites: u64,
}

impl LogPage {
    /// Creates the last page of a log that waits for no writer and has no rewrites.
    pub fn new(events: Vec<LogEntry>, scanned_to: u64) -> Self {
        Self { events, scanned_to, more: false, blocked_by: None, rewrites: 0 }
    }

    /// Sets whether there are more events than the limit allowed.
    #[must_use]
    pub fn more(mut self, more: bool) -> Self {
        self.more = more;
        self
    }

    /// Sets the writers for which the log waits.
    #[must_use]
    pub fn blocked_by(mut self, blocked_by: Option<BlockedBy>) -> Self {
        self.blocked_by = blocked_by;
        self
    }

    /// Sets the rewrite count of the log.
    #[must_use]
    pub fn rewrites(mut self, rewrites: u64) -> Self {
        self.rewrites = rewrites;
        self
    }
}

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogEnd {
    /// The position up to which no further events will appear. A reader that starts here reads only new events.
    pub safe_position: u64,
    /// The position of the last stored event, or a greater position. Between [`safe_position`](Self::safe_position) and
    /// this position, there may be events that are still being written, and positions of transactions that were rolled
    /// back.
    pub last_position: u64,
    /// The writers for which the log waits before it can return later events, or `None` if the log waits for no writer.
    pub blocked_by: Option<BlockedBy>,
}

impl LogEnd {
    /// Creates the end of a log that waits for no writer.
    pub fn new(safe_position: u64, last_position: u64) -> Self {
        Self { safe_position, last_position, blocked_by: None }
    }

    /// Sets the writers for which the log waits.
    #[must_use]
    pub fn blocked_by(mut self, blocked_by: Option<BlockedBy>) -> Self {
        self.blocked_by = blocked_by;
        self
    }

    /// Returns how long the log has waited for the writers in [`blocked_by`](Self::blocked_by). Returns 0 if the log
    /// waits for no writer, or if the time is unknown.
    pub fn blocked_time(&self) -> Duration {
        let since = self.blocked_by.as_ref().and_then(|blocked_by| blocked_by.since);
        since.map(|since| since.elapsed()).unwrap_or_default()
    }
}

/// The writers for which a log waits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockedBy {
    /// A description of each writer, for an operator who may terminate the writer.
    pub writers: Vec<String>,
    /// The time since which the log waits for these writers, if it is known.
    pub since: Option<Instant>,
}

impl BlockedBy {
    /// Creates the list of writers.
    pub fn new(writers: Vec<String>) -> Self {
        Self { writers, since: None }
    }

    /// Sets the time since which the log waits for these writers.
    #[must_use]
    pub fn since(mut self, since: Instant) -> Self {
        self.since = Some(since);
        self
    }
}

impl fmt::Display for BlockedBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, writer) in self.writers.iter().enumerate() {
            if at > 0 {
                formatter.write_str(", ")?;
            }
            formatter.write_str(writer)?;
        }
        Ok(())
    }
}
