use std::fmt;
use std::sync::Arc;

use crate::storage::RawEvent;

/// An event in a log.
#[derive(Clone)]
pub struct LogEntry {
    /// Its place in the log.
    pub position: u64,
    /// The event store it is of.
    pub event_store_id: Arc<str>,
    /// The event.
    pub event: RawEvent,
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

/// How far a log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEnd {
    /// No event will appear at this position or before it any more: where to start in order to read only what is new.
    pub safe_position: u64,
    /// No event that is stored already is beyond this position. The difference to [`safe_position`](Self::safe_position) is being
    /// written, or was given up.
    pub last_position: u64,
    /// What keeps the log from settling.
    pub blocked_by: Option<BlockedBy>,
}

/// Why a log waits, in words: which writers have not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedBy {
    /// The writers that are waited for, each in words for a person who may end it.
    pub writers: Vec<String>,
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
