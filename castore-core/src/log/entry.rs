use std::fmt;
use std::sync::Arc;

use crate::storage::RawEvent;

/// An event in a log.
#[derive(Clone)]
#[non_exhaustive]
pub struct LogEntry {
    /// Its place in the log.
    pub position: u64,
    /// The event store it is of.
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
    /// Without payload and metadata, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LogEntry")
            .field("position", &self.position)
            .field("event_store_id", &self.event_store_id)
            .field("event", &self.event)
            .finish()
    }
}

/// What was read from a log.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LogPage {
    /// The events, by position.
    pub events: Vec<LogEntry>,
    /// Where to read on: no event that passes the filter will ever appear at this position or before, but for those in
    /// [`events`](Self::events) and before them.
    ///
    /// It is beyond the last event where the filter passes few. A checkpoint that is not kept in the log's own database
    /// must hold the position of an event that was read, and never more: a crash may take the end of a log back that
    /// had no event yet.
    pub scanned_to: u64,
    /// Whether there was more to read than the limit let through.
    pub more: bool,
    /// What keeps the log from going further.
    pub blocked_by: Option<BlockedBy>,
    /// How often events that were stored before have been replaced or removed, in the whole log, as far as the storage
    /// can tell: a reader that keeps aggregates lets go of them when it changes.
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
    /// No event will appear at this position or before it any more: where to start in order to read only what is new.
    pub safe_position: u64,
    /// No event that is stored already is beyond this position. The difference to [`safe_position`](Self::safe_position) is being
    /// written, or was given up.
    pub last_position: u64,
    /// What keeps the log from settling.
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
    /// The writers that are waited for, each in words for a person who may end it.
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
