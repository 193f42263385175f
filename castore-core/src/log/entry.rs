use std::fmt;
use std::sync::Arc;

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

/// A page of events of a log.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LogPage {
    /// The events, by position.
    pub events: Vec<LogEntry>,
    /// The position from which to continue reading. All events up to this position that pass the filter are in
    /// [`events`](Self::events) or in earlier pages; no further ones will appear.
    ///
    /// It may be greater than the position of the last event, because other events were filtered out. A checkpoint that
    /// is not stored in the log's own database must only contain positions of events that were read: a crash may roll
    /// back the positions after the last event, and new events then get them.
    pub scanned_to: u64,
    /// Whether further events follow, which exceeded the limit.
    pub more: bool,
    /// The writers that the log waits for, if it ends before the last position.
    pub blocked_by: Option<BlockedBy>,
    /// The rewrite count of the whole log: how often stored events have been replaced or removed, if the storage
    /// counts it. A reader that caches aggregates must drop them when the count changes.
    pub rewrites: u64,
}

impl LogPage {
    /// Creates a page that ends where the log ends.
    pub fn new(events: Vec<LogEntry>, scanned_to: u64) -> Self {
        Self { events, scanned_to, more: false, blocked_by: None, rewrites: 0 }
    }

    /// Sets whether there are more events than the limit allowed.
    #[must_use]
    pub fn more(mut self, more: bool) -> Self {
        self.more = more;
        self
    }

    /// Sets the writers that the log waits for.
    #[must_use]
    pub fn blocked_by(mut self, blocked_by: Option<BlockedBy>) -> Self {
        self.blocked_by = blocked_by;
        self
    }

    /// Sets how often stored events of the log have been replaced or removed.
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
    /// The position of the last stored event, or a greater one. Events at positions between
    /// [`safe_position`](Self::safe_position) and this one are still being written, or their transactions were rolled
    /// back.
    pub last_position: u64,
    /// The writers that the log waits for, if it ends before the last position.
    pub blocked_by: Option<BlockedBy>,
}

impl LogEnd {
    /// Creates the end of a log that waits for no writer.
    pub fn new(safe_position: u64, last_position: u64) -> Self {
        Self { safe_position, last_position, blocked_by: None }
    }

    /// Sets the writers that the log waits for.
    #[must_use]
    pub fn blocked_by(mut self, blocked_by: Option<BlockedBy>) -> Self {
        self.blocked_by = blocked_by;
        self
    }
}

/// The writers that a log waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockedBy {
    /// A description of each writer, for an operator who may terminate it.
    pub writers: Vec<String>,
}

impl BlockedBy {
    /// Creates the list of writers.
    pub fn new(writers: Vec<String>) -> Self {
        Self { writers }
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
