//! Pushes in transactions of the caller: the conformance kit, and behavior that is specific to Postgres.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::log::LogHandle;
use castore_conformance::storage::{Capabilities, StorageFactory};
use castore_conformance::transactions::{
    FreshTransactions, KitEnd, KitPushResult, KitTransaction, TransactionDatabase, TransactionFactory,
};
use castore_core::log::EventLog;
use castore_core::storage::{EventVisitor, PushTransaction, RawEventRef, ReadTransaction, StorageError};
use castore_postgres::{
    AggregateIdColumn, PostgresEventStorageAdapter, PostgresTransaction, PostgresTransactions, deadpool_postgres,
    tokio_postgres,
};

use super::conformance::{DATABASES, Postgres, database};
use super::support::{
    A, ALLOW_GAP, B, C, NO_FORCE, STORE, Schema, Via, assert_conflict, connect, grouped, push, quote, versions,
};

/// The kind of transactions in which the kit pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Driver {
    /// Transactions of `tokio_postgres`, on a connection of the caller.
    TokioPostgres,
    /// Transactions of `deadpool_postgres`, on a connection of the adapter's pool.
    Deadpool,
    /// Transactions that the adapter begins.
    Begin,
}

struct Transactions(Driver, Via);

struct Database {
    driver: Driver,
    adapter: PostgresEventStorageAdapter,
    schema: Schema,
    rows: String,
}

#[async_trait]
impl TransactionFactory for Transactions {
    async fn fresh(&self) -> FreshTransactions {
        let schema = Schema::named("transactions").await.via(self.1);
        let adapter = schema.created(schema.builder().pool_size(8)).await;
        let rows = format!("{}.own", quote(&schema.name));
        schema.run(&format!("CREATE TABLE {rows} (row TEXT NOT NULL)")).await;
        FreshTransactions::new(Database { driver: self.0, adapter, schema, rows })
    }

    fn capabilities(&self) -> Capabilities {
        StorageFactory::capabilities(&Postgres::with(AggregateIdColumn::Uuid))
    }
}

/// A transaction in which the kit can insert rows.
trait WithRows: PushTransaction<PostgresTransactions> + ReadTransaction<PostgresTransactions> + Sync {
    fn insert(&self, sql: &str) -> impl Future<Output = ()> + Send;
}

macro_rules! with_rows {
    ($($transaction:ty)+) => {$(
        impl WithRows for $transaction {
            async fn insert(&self, sql: &str) {
                self.batch_execute(sql).await.unwrap();
            }
        }
    )+};
}

with_rows! {
    tokio_postgres::Transaction<'_>
    deadpool_postgres::Transaction<'_>
    PostgresTransaction
}

impl Database {
    async fn execute(
        &self,
        transaction: &mut impl WithRows,
        kit: KitTransaction,
    ) -> Result<Vec<KitPushResult>, StorageError> {
        let mut results = Vec::new();
        for push in kit.pushes {
            let result = transaction.push_in_transaction(push.events, push.options).await;
            match &result {
                Ok(_) => transaction.insert(&format!("INSERT INTO {} VALUES ('{}')", self.rows, push.row)).await,
                Err(StorageError::TransactionLost(_)) => return result.map(|_| Vec::new()),
                Err(_) => {}
            }
            results.push(result);
        }
        for read in kit.reads {
            read.run(transaction).await?;
        }
        if let Some(pause) = kit.pause {
            pause.wait().await;
        }
        Ok(results)
    }
}

macro_rules! run {
    ($database:expr, $client:expr, $kit:expr) => {{
        let mut client = $client;
        let end = $kit.end;
        let mut transaction = client.transaction().await.unwrap();
        let results = $database.execute(&mut transaction, $kit).await?;
        match end {
            KitEnd::Commit => transaction.commit().await.unwrap(),
            KitEnd::Rollback => transaction.rollback().await.unwrap(),
            KitEnd::Drop => drop(transaction),
        }
        Ok(results)
    }};
}

#[async_trait]
impl TransactionDatabase for Database {
    fn handle(&self) -> LogHandle {
        LogHandle::new(self.adapter.clone())
    }

    async fn run(&self, kit: KitTransaction) -> Result<Vec<KitPushResult>, StorageError> {
        match self.driver {
            Driver::TokioPostgres => run!(self, connect(&self.schema.adapter_url()).await, kit),
            Driver::Deadpool => run!(self, self.adapter.pool().get().await.unwrap(), kit),
            Driver::Begin => {
                let end = kit.end;
                let mut transaction = self.adapter.begin().await?;
                let results = self.execute(&mut transaction, kit).await?;
                match end {
                    KitEnd::Commit => transaction.commit().await?,
                    KitEnd::Rollback => transaction.rollback().await?,
                    KitEnd::Drop => drop(transaction),
                }
                Ok(results)
            }
        }
    }

    async fn rows(&self) -> Vec<String> {
        let rows = self.schema.client.query(&format!("SELECT row FROM {}", self.rows), &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

castore_conformance::transaction_conformance!(mod tokio_driver, Transactions(Driver::TokioPostgres, Via::Direct));
castore_conformance::transaction_conformance!(mod deadpool, Transactions(Driver::Deadpool, Via::Direct));
castore_conformance::transaction_conformance!(mod begin, Transactions(Driver::Begin, Via::Direct));
castore_conformance::transaction_conformance!(mod pgbouncer, Transactions(Driver::Deadpool, Via::PgBouncer));

/// The definition of the table is read in the session of the transaction, because there is no other connection.
#[tokio::test]
async fn pool_of_one_connection_is_enough() {
    let schema = Schema::new().await;
    schema.adapter().await;
    let adapter = schema.open(schema.builder().pool_size(1)).await;
    let mut client = adapter.pool().get().await.unwrap();
    let mut transaction = client.transaction().await.unwrap();
    transaction.push_in_transaction(vec![grouped(&adapter, A, 1)], NO_FORCE).await.unwrap();
    transaction.commit().await.unwrap();
    drop(client);
    assert_eq!(versions(&adapter, A).await, [1]);
}

/// The other database has a table of the same name. The push is rejected both before and after the adapter has read the
/// definition of its own table.
#[tokio::test]
async fn transaction_of_another_database_is_rejected() {
    let here = Schema::in_database("here", database(DATABASES[0]).await).await;
    let there = Schema::in_database("here", database(DATABASES[1]).await).await;
    there.adapter().await;
    let create = here.adapter().await;
    create.close();
    let adapter = here.open(here.builder()).await;
    let mut client = connect(there.url()).await;
    for _ in 0..2 {
        let mut transaction = client.transaction().await.unwrap();
        let rejected = transaction.visit_in_transaction(&adapter, STORE, A, Default::default(), nothing()).await;
        assert!(matches!(rejected, Err(StorageError::ReadInOtherStorage { .. })), "{rejected:?}");
        let rejected = transaction.push_in_transaction(vec![grouped(&adapter, A, 1)], NO_FORCE).await;
        assert!(matches!(rejected, Err(StorageError::OtherStorage { index: 0, .. })), "{rejected:?}");
        transaction.batch_execute("SELECT 1").await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(versions(&adapter, A).await, Vec::<u64>::new());
    }
}

/// Returns a visitor that ignores all events.
fn nothing() -> EventVisitor {
    Box::new(|_| std::ops::ControlFlow::Continue(()))
}

/// The server rejects all statements in a transaction in which a statement has failed.
#[tokio::test]
async fn read_in_a_failed_transaction_reports_that_it_is_lost() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    push(&adapter, A, 1).await.unwrap();
    let mut client = connect(schema.url()).await;
    let mut transaction = client.transaction().await.unwrap();
    transaction.visit_in_transaction(&adapter, STORE, A, Default::default(), nothing()).await.unwrap();
    transaction.batch_execute("SELECT 1 / 0").await.unwrap_err();
    let lost = transaction.visit_in_transaction(&adapter, STORE, A, Default::default(), nothing()).await;
    assert!(matches!(lost, Err(StorageError::TransactionLost(_))), "{lost:?}");
}

/// In a `REPEATABLE READ` transaction, a read does not see events that were committed after the transaction's snapshot.
#[tokio::test]
async fn read_sees_the_snapshot_of_its_transaction() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    push(&adapter, A, 1).await.unwrap();
    let mut client = connect(schema.url()).await;
    let repeatable = tokio_postgres::IsolationLevel::RepeatableRead;
    let mut transaction = client.build_transaction().isolation_level(repeatable).start().await.unwrap();
    for _ in 0..2 {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let visit = Box::new(move |_: RawEventRef<'_>| {
            counted.fetch_add(1, Ordering::Relaxed);
            std::ops::ControlFlow::Continue(())
        });
        transaction.visit_in_transaction(&adapter, STORE, A, Default::default(), visit).await.unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 1);
        let version = versions(&adapter, A).await.len() as u64 + 1;
        push(&adapter, A, version).await.unwrap();
    }
    transaction.rollback().await.unwrap();
}

#[tokio::test]
async fn group_is_stored_in_several_tables() {
    let schema = Schema::new().await;
    let one = schema.adapter().await;
    let other = schema.created(schema.builder().table("other")).await;
    let mut client = connect(schema.url()).await;
    let mut transaction = client.transaction().await.unwrap();
    let group = vec![grouped(&one, A, 1), grouped(&other, A, 1), grouped(&other, A, 2), grouped(&one, B, 1)];
    transaction.push_in_transaction(group, NO_FORCE).await.unwrap();
    let conflict = vec![grouped(&one, A, 2), grouped(&other, A, 2)];
    assert_conflict(transaction.push_in_transaction(conflict, NO_FORCE).await, A, 2);
    transaction.commit().await.unwrap();
    assert_eq!((versions(&one, A).await, versions(&one, B).await), (vec![1], vec![1]));
    assert_eq!(versions(&other, A).await, [1, 2]);
}

/// In Postgres, a failed statement fails the whole transaction, whose commit then rolls back without an error.
#[tokio::test]
async fn transaction_continues_after_an_unsupported_value() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let mut client = connect(schema.url()).await;
    let mut transaction = client.transaction().await.unwrap();
    let mut nul = grouped(&adapter, A, 1);
    nul.event.payload = Some(serde_json::value::RawValue::from_string(r#""\u0000""#.to_owned()).unwrap());
    let rejected = transaction.push_in_transaction(vec![nul], NO_FORCE).await;
    assert!(matches!(rejected, Err(StorageError::Unsupported { .. })), "{rejected:?}");
    transaction.push_in_transaction(vec![grouped(&adapter, A, 1)], NO_FORCE).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(versions(&adapter, A).await, [1]);
}

#[tokio::test]
async fn serialization_failure_loses_the_transaction() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let mut client = connect(schema.url()).await;
    let mut transaction = client
        .build_transaction()
        .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
        .start()
        .await
        .unwrap();
    transaction.batch_execute(&format!("SELECT 1 FROM {}.event LIMIT 1", quote(&schema.name))).await.unwrap();
    push(&adapter, A, 1).await.unwrap();
    let lost = transaction.push_in_transaction(vec![grouped(&adapter, A, 1)], NO_FORCE).await;
    assert!(matches!(lost, Err(StorageError::TransactionLost(_))), "{lost:?}");
    let still_lost = transaction.push_in_transaction(vec![grouped(&adapter, B, 1)], NO_FORCE).await;
    assert!(matches!(still_lost, Err(StorageError::TransactionLost(_))), "{still_lost:?}");
    // The locks of an open transaction would prevent the test from dropping the schema.
    transaction.rollback().await.unwrap();
}

/// Nothing is stored before the commit, so the outcome is known.
#[tokio::test]
async fn lost_connection_loses_the_transaction() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let mut client = connect(schema.url()).await;
    let mut transaction = client.transaction().await.unwrap();
    let row = transaction.query_one("SELECT pg_backend_pid()", &[]).await.unwrap();
    let process: i32 = row.get(0);
    transaction.push_in_transaction(vec![grouped(&adapter, A, 1)], NO_FORCE).await.unwrap();
    schema.run(&format!("SELECT pg_terminate_backend({process}, 10000)")).await;
    let lost = transaction.push_in_transaction(vec![grouped(&adapter, B, 1)], NO_FORCE).await;
    assert!(matches!(lost, Err(StorageError::TransactionLost(_))), "{lost:?}");
    assert_eq!(versions(&adapter, A).await, Vec::<u64>::new());
}

/// The adapter does not use its cached last version after a transaction of the same process has left a gap.
#[tokio::test]
async fn gap_of_a_transaction_is_seen_by_ordinary_pushes() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    push(&adapter, C, 1).await.unwrap();
    let mut client = connect(schema.url()).await;
    let mut transaction = client.transaction().await.unwrap();
    transaction.push_in_transaction(vec![grouped(&adapter, C, 5)], ALLOW_GAP).await.unwrap();
    transaction.commit().await.unwrap();
    let gap = push(&adapter, C, 2).await;
    assert!(matches!(gap, Err(StorageError::VersionGap(_))), "{gap:?}");
    push(&adapter, C, 6).await.unwrap();
}

/// The server confirms the commit of a failed transaction, but rolls it back.
#[tokio::test]
async fn commit_of_a_failed_transaction_is_an_error() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let mut transaction = adapter.begin().await.unwrap();
    transaction.push_in_transaction(vec![grouped(&adapter, A, 1)], NO_FORCE).await.unwrap();
    transaction.batch_execute("SELECT 1 / 0").await.unwrap_err();
    let committed = transaction.commit().await;
    assert!(matches!(committed, Err(StorageError::TransactionLost(_))), "{committed:?}");
    assert_eq!(versions(&adapter, A).await, Vec::<u64>::new());
}

#[tokio::test]
async fn commit_wakes_readers_of_the_log() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let mut wake_ups = adapter.wake_ups().await;
    let mut transaction = adapter.begin().await.unwrap();
    transaction.push_in_transaction(vec![grouped(&adapter, A, 1)], NO_FORCE).await.unwrap();
    transaction.commit().await.unwrap();
    tokio::time::timeout(Duration::from_secs(20), wake_ups.next()).await.unwrap();
}
