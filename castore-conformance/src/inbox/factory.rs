use std::any::Any;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore_core::inbox::InboxError;
use castore_core::message::AnyMessage;

use crate::storage::Capabilities;

/// An error of an inbox. Convert the error of the driver with
/// [`InboxError::map_engine`](castore_core::inbox::InboxError::map_engine).
pub type KitInboxError = InboxError<io::Error>;

/// A factory of the inboxes to test, implemented by the author of an inbox.
#[async_trait]
pub trait InboxFactory: Send + Sync {
    /// Creates a new database without the inbox's table. Tests run concurrently, so the database must be independent of
    /// all others.
    async fn fresh(&self) -> FreshInbox;

    /// Returns the capabilities of the database. Defaults to [`Capabilities::full`]. Of these capabilities, the tests
    /// of inboxes use only the maximum version, the maximum length of aggregate ids, and NUL in text.
    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

/// A database with an inbox, and with a second table for the [`effect`]s of handlers. The effects show which messages
/// were handled.
///
/// The kit calls the methods concurrently. Each call must use its own connection.
#[async_trait]
pub trait InboxDatabase: Send + Sync {
    /// Creates the inbox's table with the method that programs call when they start. Panics if this fails.
    async fn create_table(&self);

    /// Runs the transaction of a handler. Returns for each message whether the inbox reported it as new.
    ///
    /// The implementation opens a transaction, records each message in the inbox in order, stores the [`effect`] of
    /// each new message, and ends the transaction. If the inbox returns an error, the implementation rolls back and
    /// returns the error.
    async fn handle(&self, transaction: HandlerTransaction) -> Result<Vec<bool>, KitInboxError>;

    /// Returns all effects that committed transactions stored, in any order.
    async fn effects(&self) -> Vec<String>;

    /// Deletes the consumer's records that are older than `age`, with the method of the inbox. Returns the number of
    /// deleted records.
    async fn forget_older_than(&self, consumer: &str, age: Duration) -> Result<u64, KitInboxError>;

    /// Increases the age of all records of the inbox by `age`, for example with SQL.
    async fn make_older(&self, age: Duration);
}

/// The transaction of a handler, which the kit passes to [`InboxDatabase::handle`].
#[derive(Clone)]
pub struct HandlerTransaction {
    /// The name of the consumer.
    pub consumer: String,
    /// The messages that the handler records in the inbox.
    pub messages: Vec<Arc<dyn AnyMessage>>,
    /// How the transaction ends.
    pub end: TransactionEnd,
}

impl fmt::Debug for HandlerTransaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HandlerTransaction")
            .field("consumer", &self.consumer)
            .field("messages", &self.messages.iter().map(|message| effect(&**message)).collect::<Vec<_>>())
            .field("end", &self.end)
            .finish()
    }
}

/// The end of a handler's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionEnd {
    /// The transaction is committed.
    Commit,
    /// The transaction is rolled back, as if the handler had failed after its work.
    Rollback,
}

/// Returns the effect that the handler of a message stores, as text.
pub fn effect(message: &dyn AnyMessage) -> String {
    format!("{}/{}/{}", message.event_store_id(), message.aggregate_id(), message.version().unwrap_or(0))
}

/// A database for one test, together with the resources that it needs.
pub struct FreshInbox {
    // Declared before `kept`, so that the database is closed before its directory is removed.
    database: Arc<dyn InboxDatabase>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl FreshInbox {
    /// Creates a `FreshInbox` from the handle of a database. If the handle does not keep the database alive, add a
    /// guard with [`keeping`](Self::keeping).
    pub fn new(database: impl InboxDatabase + 'static) -> Self {
        Self { database: Arc::new(database), kept: Vec::new() }
    }

    /// Adds a guard that is kept until the end of the test, for example a temporary directory.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(guard));
        self
    }

    pub(crate) fn database(&self) -> Arc<dyn InboxDatabase> {
        self.database.clone()
    }
}

impl fmt::Debug for FreshInbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FreshInbox").finish_non_exhaustive()
    }
}
