use std::future::Future;

use super::{
    EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, PushOptions, PushReceipt, StorageError,
};

/// A transaction of an asynchronous database driver in which events can be pushed. Authors of storage adapters
/// implement this trait for the transaction types of drivers.
///
/// `K` is a type in the adapter's crate that identifies the kind of storage. This parameter allows the adapter's crate
/// to implement the trait for the types of the driver's crate.
#[diagnostic::on_unimplemented(
    message = "events cannot be pushed in `{Self}`",
    label = "not a transaction of an event storage",
    note = "pass a `&mut` reference to a transaction of the database in which the events are stored",
    note = "pass a `rusqlite::Transaction` or an `SqliteTransaction` to `within_blocking` instead"
)]
pub trait PushTransaction<K>: Send {
    /// Stores all events or none, as part of the transaction.
    ///
    /// Each event has the adapter of its own event store. The implementation must reject an event whose adapter stores
    /// its events in another database. The adapter's cache of known versions does not see the changes of the
    /// transaction. Therefore the implementation must check with a statement of the transaction whether an event
    /// follows the last version of its aggregate. The implementation must not record the events in the cache, because
    /// the transaction may be rolled back.
    ///
    /// # Errors
    /// The errors of [`EventStorageAdapter::push_event_group`](super::EventStorageAdapter::push_event_group),
    /// [`StorageError::OtherStorage`], [`StorageError::TransactionSpansStorages`] and
    /// [`StorageError::TransactionLost`]. After `TransactionLost`, the transaction must be rolled back. After all other
    /// errors, the transaction can continue. [`StorageError::UnknownOutcome`] is never returned, because nothing is
    /// stored before the commit.
    fn push_in_transaction(
        &mut self,
        events: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> impl Future<Output = Result<Vec<PushReceipt>, StorageError>> + Send;
}

/// The counterpart of [`PushTransaction`] for drivers that block.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a blocking transaction, in which events can be pushed without `.await`",
    label = "not a blocking transaction of an event storage",
    note = "pass an `SqliteTransaction`, or a `rusqlite::Transaction` of the file in which the events are stored",
    note = "pass the transaction of an asynchronous driver to `within` instead"
)]
pub trait BlockingPushTransaction<K> {
    /// Stores all events or none, as part of the transaction. See [`PushTransaction::push_in_transaction`].
    ///
    /// # Errors
    /// The errors of [`PushTransaction::push_in_transaction`].
    fn push_in_transaction(
        &self,
        events: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError>;
}

/// A transaction of an asynchronous database driver in which events can be read. Authors of storage adapters implement
/// this trait for the transaction types of drivers. For `K`, see [`PushTransaction`].
#[diagnostic::on_unimplemented(
    message = "events cannot be read in `{Self}`",
    label = "not a transaction of an event storage",
    note = "pass a `&mut` reference to a transaction of the database in which the events are stored",
    note = "pass a `rusqlite::Transaction` or an `SqliteTransaction` to `within_blocking` instead"
)]
pub trait ReadTransaction<K>: Send {
    /// Passes the events of an aggregate to `visit`, as the transaction sees them. This includes the events that were
    /// pushed earlier in the transaction, but not the events of other open transactions.
    ///
    /// `adapter` is the adapter of the event store. The implementation must reject the read if that adapter stores its
    /// events in another database. The implementation must neither use nor change the adapter's cache of known
    /// versions.
    ///
    /// # Errors
    /// [`StorageError::ReadInOtherStorage`], [`StorageError::TransactionLost`], and the errors of
    /// [`EventStorageAdapter::visit_events`]. After [`StorageError::TransactionLost`], the transaction must be rolled
    /// back. After all other errors, the transaction can continue.
    fn visit_in_transaction(
        &mut self,
        adapter: &dyn EventStorageAdapter,
        event_store_id: &'static str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;
}

/// The counterpart of [`ReadTransaction`] for drivers that block.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a blocking transaction, in which events can be read without `.await`",
    label = "not a blocking transaction of an event storage",
    note = "pass an `SqliteTransaction`, or a `rusqlite::Transaction` of the file in which the events are stored",
    note = "pass the transaction of an asynchronous driver to `within` instead"
)]
pub trait BlockingReadTransaction<K> {
    /// Passes the events of an aggregate to `visit`, as the transaction sees them. See
    /// [`ReadTransaction::visit_in_transaction`].
    ///
    /// # Errors
    /// The errors of [`ReadTransaction::visit_in_transaction`].
    fn visit_in_transaction(
        &self,
        adapter: &dyn EventStorageAdapter,
        event_store_id: &'static str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError>;
}
