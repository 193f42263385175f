use std::any::Any;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::storage::{GroupedRawEvent, PushOptions, PushReceipt, StorageError};
use tokio::sync::oneshot;

use super::KitRead;
use crate::log::LogHandle;
use crate::storage::Capabilities;

/// A factory of the databases to test, implemented by the author of a storage.
#[async_trait]
pub trait TransactionFactory: Send + Sync {
    /// Creates a new database without events and rows. Tests run concurrently, so the database must be independent of
    /// all others.
    async fn fresh(&self) -> FreshTransactions;

    /// Returns the capabilities of the storage. They must be the same as for
    /// [`storage_conformance!`](crate::storage_conformance). Defaults to [`Capabilities::full`].
    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

/// A database that contains events, and a table for the rows of the kit. The rows show which pushes were committed.
///
/// The kit calls the methods concurrently.
#[async_trait]
pub trait TransactionDatabase: Send + Sync {
    /// Returns the storage and its log.
    fn handle(&self) -> LogHandle;

    /// Runs a transaction, and returns the result of each push.
    ///
    /// The implementation opens a transaction and executes each push in this transaction. After each successful push,
    /// the implementation inserts the row of the push into the table. Then the implementation runs each read with
    /// [`KitRead::run`] or [`KitRead::run_blocking`]. Finally, the implementation waits for the pause, if there is one,
    /// and ends the transaction.
    ///
    /// # Errors
    /// Returns the first [`StorageError::TransactionLost`] of a push or a read, or the error of the driver's commit.
    /// After `TransactionLost`, the implementation must roll back.
    async fn run(&self, transaction: KitTransaction) -> Result<Vec<KitPushResult>, StorageError>;

    /// Returns whether other connections can read while a transaction of the kit is open. Defaults to `true`. A
    /// database with a single connection returns `false`.
    fn can_pause(&self) -> bool {
        true
    }

    /// Returns whether two transactions of the kit can be open at the same time. Defaults to `true`. A database with a
    /// single writer returns `false`.
    fn can_overlap(&self) -> bool {
        true
    }

    /// Returns all rows that committed transactions inserted, in any order.
    async fn rows(&self) -> Vec<String>;
}

/// The result of one push of a transaction.
pub type KitPushResult = Result<Vec<PushReceipt>, StorageError>;

/// A transaction of the kit.
#[derive(Debug)]
pub struct KitTransaction {
    /// The pushes, in order.
    pub pushes: Vec<KitPush>,
    /// The reads, in the order in which they run. They run after all pushes.
    pub reads: Vec<KitRead>,
    /// A pause before the end of the transaction, if any.
    pub pause: Option<KitPause>,
    /// The end of the transaction.
    pub end: KitEnd,
}

/// A push within a transaction of the kit.
#[derive(Debug)]
pub struct KitPush {
    /// The events to pass to `push_in_transaction`.
    pub events: Vec<GroupedRawEvent>,
    /// The options of the push.
    pub options: PushOptions,
    /// The row that is inserted in the same transaction if the push succeeds.
    pub row: String,
}

/// The end of a transaction of the kit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KitEnd {
    /// The transaction is committed.
    Commit,
    /// The transaction is rolled back explicitly.
    Rollback,
    /// The driver's transaction is dropped, as in a function that returns an error with `?`.
    Drop,
}

/// A pause in a transaction, during which the kit inspects the database.
#[derive(Debug)]
pub struct KitPause {
    pub(super) reached: oneshot::Sender<()>,
    pub(super) resume: oneshot::Receiver<()>,
}

impl KitPause {
    /// Waits until the kit continues the transaction.
    pub async fn wait(self) {
        let _ = self.reached.send(());
        let _ = self.resume.await;
    }

    /// Blocks until the kit continues the transaction. Must not be called on a thread of an async runtime.
    pub fn block(self) {
        let _ = self.reached.send(());
        let _ = self.resume.blocking_recv();
    }
}

/// A database for one test, together with the resources that it needs.
pub struct FreshTransactions {
    // Declared before `kept`, so that the database is closed before its directory is removed.
    database: Arc<dyn TransactionDatabase>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl FreshTransactions {
    /// Creates a `FreshTransactions` from the handle of a database. If the handle does not keep the database alive, add
    /// a guard with [`keeping`](Self::keeping).
    pub fn new(database: impl TransactionDatabase + 'static) -> Self {
        Self { database: Arc::new(database), kept: Vec::new() }
    }

    /// Adds a guard that is kept until the end of the test, for example a temporary directory.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(guard));
        self
    }

    pub(crate) fn database(&self) -> Arc<dyn TransactionDatabase> {
        self.database.clone()
    }
}

impl fmt::Debug for FreshTransactions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FreshTransactions").finish_non_exhaustive()
    }
}
