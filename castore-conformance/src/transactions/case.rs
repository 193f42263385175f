//! The fixture of all behaviors: a fresh database, with short helper functions.

use std::ops::Deref;
use std::sync::Arc;

use castore_core::log::EventLog;
use castore_core::storage::{PushOptions, RawEvent, StorageError};

use super::factory::KitPushResult;
use super::{FreshTransactions, KitEnd, KitPush, KitTransaction, TransactionDatabase, TransactionFactory};
use crate::storage::FreshStorage;
use crate::storage::case::{Case, NO_FORCE, POKEMONS, group};

pub(crate) struct TransactionCase {
    /// The fixture of the storage behaviors, on the same storage.
    case: Case,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) database: Arc<dyn TransactionDatabase>,
    // The database is kept until the end of the test.
    _fresh: FreshTransactions,
}

impl Deref for TransactionCase {
    type Target = Case;

    fn deref(&self) -> &Case {
        &self.case
    }
}

impl TransactionCase {
    pub(crate) async fn new(factory: &dyn TransactionFactory) -> Self {
        let fresh = factory.fresh().await;
        let database = fresh.database();
        let handle = database.handle();
        let storage = FreshStorage::from_dyn(handle.storage.clone());
        let case = Case { adapter: handle.storage, storage, capabilities: factory.capabilities() };
        Self { case, log: handle.log, database, _fresh: fresh }
    }

    /// Returns a push of events of one store. `row` is the row that the transaction inserts after the push.
    pub(crate) fn pushing<const N: usize>(&self, row: &str, events: [RawEvent; N]) -> KitPush {
        self.pushing_with(NO_FORCE, row, events)
    }

    pub(crate) fn pushing_with<const N: usize>(
        &self,
        options: PushOptions,
        row: &str,
        events: [RawEvent; N],
    ) -> KitPush {
        let events = group(&self.adapter, events.into_iter().map(|event| (POKEMONS, event)).collect());
        KitPush { events, options, row: row.to_owned() }
    }

    pub(crate) async fn try_run<const N: usize>(
        &self,
        pushes: [KitPush; N],
        end: KitEnd,
    ) -> Result<Vec<KitPushResult>, StorageError> {
        let results =
            self.database.run(KitTransaction { pushes: pushes.into(), reads: Vec::new(), pause: None, end }).await?;
        assert_eq!(results.len(), N, "one result per push");
        Ok(results)
    }

    /// Runs a transaction, and asserts that it completes.
    pub(crate) async fn run<const N: usize>(&self, pushes: [KitPush; N], end: KitEnd) -> [KitPushResult; N] {
        let results = self.try_run(pushes, end).await.unwrap_or_else(|error| panic!("running a transaction: {error}"));
        results.try_into().expect("the number of results was checked")
    }

    /// Runs and commits a transaction whose pushes must all succeed.
    pub(crate) async fn commit<const N: usize>(&self, pushes: [KitPush; N]) {
        for (index, result) in self.run(pushes, KitEnd::Commit).await.into_iter().enumerate() {
            result.unwrap_or_else(|error| panic!("push {index} in a transaction: {error}"));
        }
    }

    pub(crate) async fn expect_rows<const N: usize>(&self, expected: [&str; N]) {
        let mut rows = self.database.rows().await;
        rows.sort();
        assert_eq!(rows, expected, "the rows of committed transactions");
    }
}
