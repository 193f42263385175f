use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use castore_core::context::EventContext;
use castore_core::storage::{
    BlockingPushTransaction, BlockingReadTransaction, EventStorageAdapter, EventVisitor, GetEventsOptions,
    GroupedRawEvent, KnownVersions, PushOptions, PushReceipt, RawEventRef, StorageError, StorageId,
};
use rusqlite::Connection;
use tracing::Span;

use crate::SqliteEventStorageAdapter;
use crate::open::storage_id_of;
use crate::reader::visit_events;
use crate::writer::{Write, push_within};

/// A marker type for SQLite, used as the type parameter of [`BlockingPushTransaction`] and [`BlockingReadTransaction`].
#[derive(Debug)]
pub enum SqliteTransactions {}

/// A transaction on the connection that writes the events. See [`SqliteEventStorageAdapter::transaction`].
///
/// This type dereferences to the connection, so that the caller can execute SQL. The caller must not end the
/// transaction with SQL.
pub struct SqliteTransaction<'a> {
    connection: &'a Connection,
    storage_id: StorageId,
    /// The event stores and aggregates of the pushed events.
    pushed: RefCell<Vec<(&'static str, String)>>,
}

impl Deref for SqliteTransaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl fmt::Debug for SqliteTransaction<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqliteTransaction").field("storage_id", &self.storage_id).finish_non_exhaustive()
    }
}

/// An open transaction of SQLite: an [`SqliteTransaction`] or a [`rusqlite::Transaction`]. The trait cannot be
/// implemented for other types.
pub trait OpenTransaction: sealed::Sealed {
    /// Returns the connection of the transaction.
    #[doc(hidden)]
    fn connection(&self) -> &Connection;
}

impl OpenTransaction for SqliteTransaction<'_> {
    fn connection(&self) -> &Connection {
        self.connection
    }
}

impl OpenTransaction for rusqlite::Transaction<'_> {
    fn connection(&self) -> &Connection {
        self
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::SqliteTransaction<'_> {}

    impl Sealed for rusqlite::Transaction<'_> {}
}

impl SqliteEventStorageAdapter {
    /// Runs `act` in a transaction on the connection that writes the events, and commits the transaction if `act`
    /// returns `Ok`. If `act` returns an error or panics, the transaction is rolled back. A panic continues in the
    /// caller.
    ///
    /// Use this method to store your own data together with events: `act` executes SQL on the transaction, and pushes
    /// events with `within_blocking`. The transaction waits in the adapter's queue like every push, so it needs no
    /// other connection, and never finds the database locked by this adapter. The transaction runs on the adapter's
    /// thread, and other pushes wait for its end, so `act` should do nothing slow.
    ///
    /// A push that fails because of a conflict changes nothing, and the transaction can continue. Pushed events get the
    /// [context](castore_core::context::EventContext::current) of the caller, and spans belong to the span of the caller.
    ///
    /// To read events, pass the transaction to `within_blocking` of the read. All other reads and writes through this
    /// adapter fail inside `act`. Otherwise, a write would wait for the end of the transaction, and a read would not
    /// see the changes of the transaction. The table `event` and all tables whose names begin with `castore_` belong to
    /// this crate.
    ///
    /// # Cancellation
    /// If the future is dropped before the transaction has begun, the transaction may be skipped. Otherwise the
    /// transaction runs to its end.
    ///
    /// # Errors
    /// The errors of `act`, and the errors of a push that do not concern a single event: [`StorageError::Engine`], for
    /// example because another process kept the file locked for longer than the busy timeout;
    /// [`StorageError::UnknownOutcome`] if the commit failed and may or may not have been undone;
    /// [`StorageError::TransactionLost`] if SQLite has rolled back the transaction, although `act` returned `Ok`;
    /// [`StorageError::ShutDown`].
    pub async fn transaction<T, E>(
        &self,
        act: impl FnOnce(&SqliteTransaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let storage_id = self.id().clone();
        let (writer, afterwards) = (Arc::clone(self.shared_writer()), Arc::clone(self.shared_writer()));
        let (context, span) = (EventContext::current(), Span::current());
        let act = move |connection: &Connection| {
            let transaction = SqliteTransaction { connection, storage_id, pushed: RefCell::default() };
            let result = writer.running().run(|| span.in_scope(|| context.in_scope(|| act(&transaction))))?;
            Ok((result, transaction.pushed.into_inner()))
        };
        let committed = move |(_, pushed): &(T, Vec<(&'static str, String)>)| afterwards.committed(pushed);
        self.writer().transaction(act, committed).await.map(|(result, _)| result)
    }

    /// Wakes the readers that wait for new events in the event log of this adapter or of a clone, such as relays. Call
    /// this method after the commit of your own `rusqlite::Transaction` in which events were pushed. Without the call,
    /// readers find these events when they poll. [`transaction`](Self::transaction) wakes the readers itself.
    pub fn wake_readers(&self) {
        self.writer().wake_readers_of_the_log(true);
    }
}

impl BlockingPushTransaction<SqliteTransactions> for SqliteTransaction<'_> {
    fn push_in_transaction(
        &self,
        events: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        let writes = writes(events, |storage_id| *storage_id == self.storage_id)?;
        let pushed: Vec<_> = writes.iter().map(|(id, write)| (*id, write.event.aggregate_id.clone())).collect();
        let writes: Vec<_> = writes.into_iter().map(|(_, write)| write).collect();
        let receipts = push_within(self.connection, &writes, options)?;
        self.pushed.borrow_mut().extend(pushed);
        Ok(receipts)
    }
}

/// A transaction on the caller's own connection to the file of the events. Begin the transaction with
/// [`TransactionBehavior::Immediate`](rusqlite::TransactionBehavior::Immediate): a deferred transaction can no longer
/// write if another connection has written since the transaction first read.
///
/// While the transaction is open, ordinary pushes to the file wait for its end, up to their busy timeout. Do not await
/// such a push before the commit.
impl BlockingPushTransaction<SqliteTransactions> for rusqlite::Transaction<'_> {
    fn push_in_transaction(
        &self,
        events: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        let here = storage_of(self);
        let writes = writes(events, |storage_id| here.as_ref() == Some(storage_id))?;
        let writes: Vec<_> = writes.into_iter().map(|(_, write)| write).collect();
        push_within(self, &writes, options)
    }
}

impl BlockingReadTransaction<SqliteTransactions> for SqliteTransaction<'_> {
    fn visit_in_transaction(
        &self,
        adapter: &dyn EventStorageAdapter,
        event_store_id: &'static str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        if adapter.storage_id() != self.storage_id {
            return Err(StorageError::read_elsewhere(event_store_id, adapter));
        }
        read_within(self.connection, event_store_id, aggregate_id, options, visit)
    }
}

/// A transaction on the caller's own connection to the file of the events.
impl BlockingReadTransaction<SqliteTransactions> for rusqlite::Transaction<'_> {
    fn visit_in_transaction(
        &self,
        adapter: &dyn EventStorageAdapter,
        event_store_id: &'static str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        if storage_of(self) != Some(adapter.storage_id()) {
            return Err(StorageError::read_elsewhere(event_store_id, adapter));
        }
        read_within(self, event_store_id, aggregate_id, options, visit)
    }
}

/// Returns the identity of the storage that a connection of the caller uses, or `None` if the connection has no file.
fn storage_of(connection: &Connection) -> Option<StorageId> {
    // A database in memory has an empty path.
    let path = connection.path().filter(|path| !path.is_empty())?;
    storage_id_of(Path::new(path)).ok()
}

/// Passes the events of an aggregate to `visit`, as the transaction sees them. The adapter's cache of last versions is
/// not changed, because the transaction may be rolled back.
fn read_within(
    connection: &Connection,
    event_store_id: &str,
    aggregate_id: &str,
    options: GetEventsOptions,
    mut visit: EventVisitor,
) -> Result<(), StorageError> {
    let visit = |event: RawEventRef<'_>| Ok(visit(event));
    visit_events(connection, &KnownVersions::new(), event_store_id, aggregate_id, options, visit)
}

/// Returns the writes of a push, with the ids of their event stores.
///
/// An adapter that wraps another adapter has the storage id of the wrapped adapter, so events of both are accepted.
///
/// # Errors
/// [`StorageError::OtherStorage`] if the event store of an event is not in the storage of the transaction.
fn writes(
    events: Vec<GroupedRawEvent>,
    is_here: impl Fn(&StorageId) -> bool,
) -> Result<Vec<(&'static str, Write)>, StorageError> {
    let write = |(index, grouped): (usize, GroupedRawEvent)| {
        if !is_here(&grouped.adapter.storage_id()) {
            return Err(grouped.stored_elsewhere(index));
        }
        let GroupedRawEvent { event_store_id, event, .. } = grouped;
        Ok((event_store_id, Write { event_store_id: event_store_id.into(), event }))
    };
    events.into_iter().enumerate().map(write).collect()
}
