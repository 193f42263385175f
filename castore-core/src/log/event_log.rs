use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;

use super::{LogEnd, LogPage, LogQuery, WakeUps};
use crate::storage::{StorageError, StorageId};

/// The log of all events of a storage, across all its event stores, in a total order. Relays and projections read the
/// log.
///
/// A reader that continues from the end of the last page never misses an event, even if the transaction of the event
/// commits late. Therefore a log may have to wait for writers: the log ends before the first position at which an event
/// could still appear. [`LogEnd::blocked_by`] contains these writers. The events of one aggregate are in the order of
/// their versions, if they were pushed in that order.
///
/// Positions are greater than 0, increase, and may have gaps. An event that replaces another event in a forced push
/// takes over the position of the replaced event. Thus a reader that has passed this position does not receive the new
/// event. Positions of different logs are not comparable.
///
/// Storages without a total order of events, such as DynamoDB, have no event log.
///
/// After the storage was shut down, the methods may return [`StorageError::ShutDown`] in addition to the listed errors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no event log",
    label = "a storage adapter with an event log is needed here",
    note = "the in-memory, the SQLite and the Postgres storage adapters have an event log"
)]
#[async_trait]
pub trait EventLog: Debug + Send + Sync + 'static {
    /// Returns the id of the log. Readers store the id with their checkpoints, so that they never use a position with
    /// another log.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails.
    async fn log_id(&self) -> Result<LogId, StorageError>;

    /// Returns the identity of the log's storage, as returned by
    /// [`EventStorageAdapter::storage_id`](crate::storage::EventStorageAdapter::storage_id), or `None` if the storage
    /// is unknown. Relays reject event stores of another storage. Defaults to `None`.
    fn event_storage_id(&self) -> Option<StorageId> {
        None
    }

    /// Returns the events after `position` that pass the filter, in order. Position 0 reads from the beginning.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails; [`StorageError::Corrupt`] if a stored event has an unexpected
    /// format.
    async fn read_after(&self, position: u64, query: &LogQuery) -> Result<LogPage, StorageError>;

    /// Returns the current end of the log.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails.
    async fn end(&self) -> Result<LogEnd, StorageError>;

    /// Returns a receiver of wake-ups, which are sent when there may be new events. Wake-ups are only hints: readers
    /// must also poll. Defaults to [`WakeUps::none`].
    async fn wake_ups(&self) -> WakeUps {
        WakeUps::none()
    }
}

#[async_trait]
impl<L: EventLog + ?Sized> EventLog for Arc<L> {
    async fn log_id(&self) -> Result<LogId, StorageError> {
        (**self).log_id().await
    }

    fn event_storage_id(&self) -> Option<StorageId> {
        (**self).event_storage_id()
    }

    async fn read_after(&self, position: u64, query: &LogQuery) -> Result<LogPage, StorageError> {
        (**self).read_after(position, query).await
    }

    async fn end(&self) -> Result<LogEnd, StorageError> {
        (**self).end().await
    }

    async fn wake_ups(&self) -> WakeUps {
        (**self).wake_ups().await
    }
}

/// The identity of a log. Logs with different ids are different logs. Thus a reader detects that it reads another
/// database. To detect a replaced log with the same id, readers compare its events: see
/// [`CheckpointEvent`](super::CheckpointEvent).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LogId(Arc<str>);

impl LogId {
    /// Creates an id from text that identifies the database system, the database and the table.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// Returns the id as text, to be stored with a checkpoint.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
