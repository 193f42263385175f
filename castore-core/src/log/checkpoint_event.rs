use serde::{Deserialize, Serialize};

use super::{EventLog, LogEntry, LogFilter, LogQuery};
use crate::storage::StorageError;

/// The identity of an event at or before the position of a checkpoint. Relays and projections store this identity with
/// their checkpoint, to detect that the log was replaced, even if the new log has the same length.
///
/// The position alone is not enough: after a database was restored from a backup, other events may be at positions that
/// a relay or a projection has already read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckpointEvent {
    /// The position of the event.
    pub position: u64,
    /// The id of the event store.
    pub event_store_id: String,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The version of the event.
    pub version: u64,
    /// The name of the event type.
    pub event_type: String,
    /// The timestamp of the event, in milliseconds since 1970.
    pub timestamp: i64,
    /// The rewrite count of the log when the event was read (see [`LogPage::rewrites`](super::LogPage)).
    pub rewrites: u64,
}

impl CheckpointEvent {
    /// Creates the identity of the event in `entry`. `rewrites` is the rewrite count of the log when the event was
    /// read.
    pub fn new(entry: &LogEntry, rewrites: u64) -> Self {
        Self {
            position: entry.position,
            event_store_id: entry.event_store_id.to_string(),
            aggregate_id: entry.event.aggregate_id.clone(),
            version: entry.event.version,
            event_type: entry.event.event_type.to_string(),
            timestamp: entry.event.timestamp.unix_millis(),
            rewrites,
        }
    }

    /// Reads the identity of the event at a position. Returns `None` if there is no event at this position, or if
    /// `position` is 0.
    ///
    /// # Errors
    /// The errors of [`EventLog::read_after`].
    pub async fn read(log: &dyn EventLog, position: u64) -> Result<Option<Self>, StorageError> {
        let Some(before) = position.checked_sub(1) else { return Ok(None) };
        let page = log.read_after(before, &LogQuery::new(LogFilter::all(), 1).up_to(position)).await?;
        let rewrites = page.rewrites;
        Ok(page.events.first().filter(|entry| entry.position == position).map(|entry| Self::new(entry, rewrites)))
    }

    /// Returns whether the log is still the log from which this event was read.
    ///
    /// The event may have been rewritten by a forced push, or deleted:
    /// * If the log has counted a rewrite since the event was read, this is a regular change. The result is `true` if
    ///   an event of the same aggregate and version is at the position. If the position has no event, the result is
    ///   `true` if the log extends to the position.
    /// * If the log does not count rewrites, the result is `false` after a deletion, and after a replacement by an
    ///   event with another type or timestamp.
    ///
    /// If the log cannot be read up to the position at the moment, for example because it waits for a writer, the
    /// result is `true` if the log extends to the position.
    ///
    /// # Errors
    /// The errors of [`EventLog::read_after`] and [`EventLog::end`].
    pub async fn is_in(&self, log: &dyn EventLog) -> Result<bool, StorageError> {
        let Some(before) = self.position.checked_sub(1) else { return Ok(true) };
        let query = LogQuery::new(LogFilter::all(), 1).up_to(self.position);
        let mut page = log.read_after(before, &query).await?;
        let is_same = page.events.first().is_some_and(|found| Self::new(found, self.rewrites) == *self);
        if !is_same && page.rewrites <= self.rewrites {
            // A log may read its rewrite count before it reads the events, and a rewrite or a deletion may be stored
            // between the two. A second read then returns the new count.
            page = log.read_after(before, &query).await?;
        }
        let is_rewritten = page.rewrites > self.rewrites;
        match page.events.first() {
            Some(found) => {
                let found = Self::new(found, self.rewrites);
                Ok(found == *self || (is_rewritten && found.is_at_place_of(self)))
            }
            // The log cannot read that far at the moment, or the event was deleted: the end of the log decides.
            None if is_rewritten || page.scanned_to < self.position => {
                Ok(log.end().await?.last_position >= self.position)
            }
            None => Ok(false),
        }
    }

    /// Returns whether a forced push could have replaced one event by the other: both have the same position, aggregate
    /// and version.
    fn is_at_place_of(&self, other: &Self) -> bool {
        (self.position, self.version, &self.event_store_id, &self.aggregate_id)
            == (other.position, other.version, &other.event_store_id, &other.aggregate_id)
    }

    /// Returns the identity as JSON, for the column of a table.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Parses a text that [`to_text`](Self::to_text) has written. Returns `None` for any other text; the checkpoint is
    /// then treated as if it had been stored without an event.
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::log::{LogEnd, LogId, LogPage};

    /// A log without events, whose rewrite count increases with each read.
    #[derive(Debug)]
    struct Deleting {
        rewrites: AtomicU64,
        end: u64,
    }

    impl Deleting {
        fn new(rewrites: u64, end: u64) -> Self {
            Self { rewrites: AtomicU64::new(rewrites), end }
        }
    }

    #[async_trait]
    impl EventLog for Deleting {
        async fn log_id(&self) -> Result<LogId, StorageError> {
            Ok(LogId::new("log"))
        }

        async fn read_after(&self, _: u64, query: &LogQuery) -> Result<LogPage, StorageError> {
            let rewrites = self.rewrites.fetch_add(1, Ordering::Relaxed);
            Ok(LogPage::new(Vec::new(), query.up_to.unwrap_or(self.end)).rewrites(rewrites))
        }

        async fn end(&self) -> Result<LogEnd, StorageError> {
            Ok(LogEnd::new(self.end, self.end))
        }
    }

    fn event(position: u64, rewrites: u64) -> CheckpointEvent {
        CheckpointEvent {
            position,
            event_store_id: "POKEMONS".to_owned(),
            aggregate_id: "pikachu1".to_owned(),
            version: 1,
            event_type: "APPEARED".to_owned(),
            timestamp: 0,
            rewrites,
        }
    }

    /// The first read returns the rewrite count from before the deletion, and no event.
    #[tokio::test]
    async fn a_deletion_during_the_read_is_a_regular_change() {
        assert!(event(5, 3).is_in(&Deleting::new(3, 5)).await.unwrap());
        // A log that was restored from a backup is shorter, or has counted fewer rewrites.
        assert!(!event(5, 3).is_in(&Deleting::new(3, 4)).await.unwrap());
        assert!(!event(5, 3).is_in(&Deleting::new(0, 5)).await.unwrap());
    }
}
