use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;

use super::{LogEnd, LogPage, LogQuery, WakeUps};
use crate::storage::{StorageError, StorageId};

/// All events of a storage, of all its event stores, in one order: what relays and read models are fed from.
///
/// The promise is that nobody who reads on from the position that the last page ended at ever misses an event, however
/// late its transaction commits. So a log may wait: it ends before the first event that could still appear, and
/// [`LogEnd::blocked_by`] says what it waits for. Events of one aggregate are in the order of their versions, if they
/// were pushed in that order.
///
/// Positions are greater than 0 and only grow; there are gaps. A forced push keeps the position of the event it
/// replaces: the log does not deliver it again. Positions of different logs have no order between them.
///
/// Storages whose events have no such order (DynamoDB) have no event log.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no event log",
    label = "not an event log",
    note = "event logs are kept by the in-memory, the SQLite and the Postgres storage adapters"
)]
#[async_trait]
pub trait EventLog: Debug + Send + Sync + 'static {
    /// Which log this is: kept with checkpoints, so that a position is never taken for one of another log.
    ///
    /// # Errors
    /// [`StorageError::Engine`].
    async fn log_id(&self) -> Result<LogId, StorageError>;

    /// The storage that this is the log of, as
    /// [`EventStorageAdapter::storage_id`](crate::storage::EventStorageAdapter::storage_id) says it; `None`, the
    /// default, if that cannot be told. Relays refuse event stores of another storage.
    fn event_storage_id(&self) -> Option<StorageId> {
        None
    }

    /// The events after `position` that pass the filter, in order; `0` reads from the beginning.
    ///
    /// # Errors
    /// [`StorageError::Engine`] or [`StorageError::Corrupt`].
    async fn read_after(&self, position: u64, query: &LogQuery) -> Result<LogPage, StorageError>;

    /// How far the log goes now.
    ///
    /// # Errors
    /// [`StorageError::Engine`].
    async fn end(&self) -> Result<LogEnd, StorageError>;

    /// Wakes its reader up when there may be something new. Only a hint: whoever reads the log polls as well. The
    /// default never wakes anybody.
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

/// Tells logs apart: two have the same only if they are one, so that a database that was restored elsewhere or
/// swapped is noticed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LogId(Arc<str>);

impl LogId {
    /// An id that names engine, database and table.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// The id as text, to be kept with a checkpoint.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
