//! Pushes in transactions of the caller: the conformance kit, and behavior that is specific to SQLite.

use std::sync::Arc;
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::log::LogHandle;
use castore_conformance::storage::Capabilities;
use castore_conformance::transactions::{
    FreshTransactions, KitEnd, KitPushResult, KitTransaction, TransactionDatabase, TransactionFactory,
};
use castore_core::log::EventLog;
use castore_core::storage::{
    BlockingPushTransaction, BlockingReadTransaction, DelegatingStorageAdapter, EventStorageAdapter, GroupedRawEvent,
    PushOptions, StorageError,
};
use castore_sqlite::{SqliteEventStorageAdapter, SqliteTransaction, rusqlite};
use rusqlite::{Connection, TransactionBehavior};

use crate::support::{Place, assert_conflict, event, grouped, place, push, versions};

const NO_OPTIONS: PushOptions = PushOptions::new();

/// The way in which the kit opens its transactions.
#[derive(Debug, Clone, Copy)]
enum Sqlite {
    /// With [`SqliteEventStorageAdapter::transaction`].
    File,
    /// With [`SqliteEventStorageAdapter::transaction`], in memory.
    Memory,
    /// On a connection of the caller.
    OwnConnection,
}

struct Database {
    kind: Sqlite,
    adapter: SqliteEventStorageAdapter,
    place: Place,
}

#[async_trait]
impl TransactionFactory for Sqlite {
    async fn fresh(&self) -> FreshTransactions {
        let place = place();
        let adapter = match self {
            Self::Memory => SqliteEventStorageAdapter::open_in_memory().await.unwrap(),
            Self::File | Self::OwnConnection => place.open().await,
        };
        let create = |transaction: &SqliteTransaction<'_>| -> Result<(), BoxError> {
            Ok(transaction.execute_batch("CREATE TABLE own (row TEXT NOT NULL)")?)
        };
        adapter.transaction(create).await.unwrap();
        FreshTransactions::new(Database { kind: *self, adapter, place })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full().max_version(i64::MAX as u64)
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The reason why a transaction of the kit is not committed.
enum Ended {
    RolledBack(Vec<KitPushResult>),
    Failed(StorageError),
}

impl From<StorageError> for Ended {
    fn from(error: StorageError) -> Self {
        Self::Failed(error)
    }
}

/// Executes the pushes of a transaction.
fn execute<K, T>(transaction: &T, kit: KitTransaction) -> Result<Vec<KitPushResult>, StorageError>
where
    T: BlockingPushTransaction<K> + BlockingReadTransaction<K> + std::ops::Deref<Target = Connection>,
{
    let mut results = Vec::new();
    for push in kit.pushes {
        let result = transaction.push_in_transaction(push.events, push.options);
        match &result {
            Ok(_) => {
                transaction.execute("INSERT INTO own VALUES (?1)", [&push.row]).unwrap();
            }
            Err(StorageError::TransactionLost(_)) => return result.map(|_| Vec::new()),
            Err(_) => {}
        }
        results.push(result);
    }
    for read in kit.reads {
        read.run_blocking(transaction)?;
    }
    if let Some(pause) = kit.pause {
        pause.block();
    }
    Ok(results)
}

#[async_trait]
impl TransactionDatabase for Database {
    fn handle(&self) -> LogHandle {
        LogHandle::new(self.adapter.clone())
    }

    async fn run(&self, kit: KitTransaction) -> Result<Vec<KitPushResult>, StorageError> {
        let end = kit.end;
        if let Sqlite::OwnConnection = self.kind {
            let mut connection = self.place.raw();
            connection.busy_timeout(Duration::from_secs(60)).unwrap();
            let run = move || {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
                let results = execute(&transaction, kit)?;
                match end {
                    KitEnd::Commit => transaction.commit().unwrap(),
                    KitEnd::Rollback => transaction.rollback().unwrap(),
                    KitEnd::Drop => drop(transaction),
                }
                Ok(results)
            };
            return tokio::task::spawn_blocking(run).await.unwrap();
        }
        let run = move |transaction: &SqliteTransaction<'_>| {
            let results = execute(transaction, kit)?;
            if end == KitEnd::Commit { Ok(results) } else { Err(Ended::RolledBack(results)) }
        };
        match self.adapter.transaction(run).await {
            Ok(results) | Err(Ended::RolledBack(results)) => Ok(results),
            Err(Ended::Failed(error)) => Err(error),
        }
    }

    fn can_pause(&self) -> bool {
        // In memory, reads wait for the connection of the transaction.
        !matches!(self.kind, Sqlite::Memory)
    }

    fn can_overlap(&self) -> bool {
        false
    }

    async fn rows(&self) -> Vec<String> {
        let read = |transaction: &SqliteTransaction<'_>| -> Result<_, BoxError> {
            let mut statement = transaction.prepare("SELECT row FROM own")?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?)
        };
        if let Sqlite::Memory = self.kind {
            return self.adapter.transaction(read).await.unwrap();
        }
        let connection = self.place.raw();
        let mut statement = connection.prepare("SELECT row FROM own").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}

castore_conformance::transaction_conformance!(mod in_file, Sqlite::File);
castore_conformance::transaction_conformance!(mod in_memory, Sqlite::Memory);
castore_conformance::transaction_conformance!(mod own_connection, Sqlite::OwnConnection);

#[tokio::test]
async fn panic_rolls_back_and_continues_in_the_caller() {
    let place = place();
    let adapter = place.open().await;
    let storage = adapter.clone();
    let running = tokio::spawn({
        let adapter = adapter.clone();
        async move {
            adapter
                .transaction(move |transaction| -> Result<(), StorageError> {
                    transaction.push_in_transaction(vec![grouped(&storage, "a", 1)], NO_OPTIONS)?;
                    panic!("on purpose");
                })
                .await
        }
    });
    let panic = running.await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"on purpose"));
    assert_eq!(versions(&adapter, "a").await, [] as [u64; 0]);
    push(&adapter, "a", 1).await.unwrap();
}

#[tokio::test]
async fn transaction_that_the_caller_ends_with_sql_is_lost() {
    let place = place();
    let adapter = place.open().await;
    let ended = adapter
        .transaction(|transaction| -> Result<(), BoxError> { Ok(transaction.execute_batch("ROLLBACK")?) })
        .await
        .unwrap_err();
    assert!(matches!(ended.downcast_ref(), Some(StorageError::TransactionLost(_))), "{ended:?}");
    let storage = adapter.clone();
    let pushed = adapter
        .transaction(move |transaction| -> Result<(), BoxError> {
            transaction.execute_batch("ROLLBACK")?;
            transaction.push_in_transaction(vec![grouped(&storage, "a", 1)], NO_OPTIONS)?;
            Ok(())
        })
        .await
        .unwrap_err();
    assert!(matches!(pushed.downcast_ref(), Some(StorageError::TransactionLost(_))), "{pushed:?}");
    assert_eq!(versions(&adapter, "a").await, [] as [u64; 0]);
}

/// Without the check, the call and the transaction would wait for each other forever, both in a file and in memory.
#[tokio::test(flavor = "multi_thread")]
async fn call_inside_of_a_transaction_is_rejected() {
    let place = place();
    for adapter in [place.open().await, SqliteEventStorageAdapter::open_in_memory().await.unwrap()] {
        let storage = adapter.clone();
        let runtime = tokio::runtime::Handle::current();
        let (pushed, read) = adapter
            .transaction(move |_| -> Result<_, StorageError> {
                let pushed = runtime.block_on(push(&storage, "a", 1));
                let read = runtime.block_on(storage.get_events("STORE", "a", Default::default()));
                Ok((pushed, read))
            })
            .await
            .unwrap();
        let pushed = castore_core::error::error_chain(&pushed.unwrap_err());
        assert!(pushed.contains("push with `within_blocking`"), "{pushed}");
        assert!(read.is_err(), "{read:?}");
        push(&adapter, "a", 1).await.unwrap();
    }
}

#[tokio::test]
async fn transaction_of_another_file_is_rejected() {
    let (one, other) = (place(), place());
    let (adapter, _open) = (one.open().await, other.open().await);
    let mut connection = other.raw();
    let transaction = connection.transaction().unwrap();
    let pushed = transaction.push_in_transaction(vec![grouped(&adapter, "a", 1)], NO_OPTIONS);
    assert!(matches!(pushed, Err(StorageError::OtherStorage { index: 0, .. })), "{pushed:?}");
    let mut memory = Connection::open_in_memory().unwrap();
    let transaction = memory.transaction().unwrap();
    let pushed = transaction.push_in_transaction(vec![grouped(&adapter, "a", 1)], NO_OPTIONS);
    assert!(matches!(pushed, Err(StorageError::OtherStorage { index: 0, .. })), "{pushed:?}");
}

/// A deferred transaction reads the database as it was at the first statement of the transaction. If another connection
/// writes after this statement, the transaction can no longer write.
#[tokio::test]
async fn outdated_transaction_is_lost() {
    let place = place();
    let adapter = place.open().await;
    let mut connection = place.raw();
    let transaction = connection.transaction().unwrap();
    let _: i64 = transaction.query_row("SELECT count(*) FROM event", [], |row| row.get(0)).unwrap();
    push(&adapter, "a", 1).await.unwrap();
    let pushed = transaction.push_in_transaction(vec![grouped(&adapter, "a", 2)], NO_OPTIONS);
    assert!(matches!(pushed, Err(StorageError::TransactionLost(_))), "{pushed:?}");
    drop(transaction);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let pushed = transaction.push_in_transaction(vec![grouped(&adapter, "a", 1)], NO_OPTIONS);
    assert_conflict(pushed, "a", 1);
    transaction.push_in_transaction(vec![grouped(&adapter, "a", 2)], NO_OPTIONS).unwrap();
    transaction.commit().unwrap();
    assert_eq!(versions(&adapter, "a").await, [1, 2]);
}

#[tokio::test]
async fn commit_wakes_readers_of_the_log() {
    let place = place();
    let adapter = place.open().await;
    let mut wake_ups = adapter.wake_ups().await;
    let storage = adapter.clone();
    adapter
        .transaction(move |transaction| -> Result<(), StorageError> {
            transaction.push_in_transaction(vec![grouped(&storage, "a", 1)], NO_OPTIONS).map(drop)
        })
        .await
        .unwrap();
    tokio::time::timeout(Duration::from_secs(10), wake_ups.next()).await.unwrap();

    let mut connection = place.raw();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    transaction.push_in_transaction(vec![grouped(&adapter, "a", 2)], NO_OPTIONS).unwrap();
    transaction.commit().unwrap();
    adapter.wake_readers();
    tokio::time::timeout(Duration::from_secs(10), wake_ups.next()).await.unwrap();
}

#[tokio::test]
async fn transaction_after_the_shutdown_is_rejected() {
    let place = place();
    let adapter = place.open().await;
    adapter.shutdown().await;
    let result = adapter.transaction(|_| -> Result<(), StorageError> { Ok(()) }).await;
    assert!(matches!(result, Err(StorageError::ShutDown)), "{result:?}");
}

#[derive(Debug)]
struct Wrapper(SqliteEventStorageAdapter);

impl DelegatingStorageAdapter for Wrapper {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.0
    }
}

#[tokio::test]
async fn wrapped_adapters_push_in_the_transaction() {
    let place = place();
    let adapter = place.open().await;
    let wrapped: Arc<dyn EventStorageAdapter> = Arc::new(Wrapper(adapter.clone()));
    let events = vec![GroupedRawEvent::new(wrapped, "STORE", event("a", 1))];
    adapter
        .transaction(move |transaction| -> Result<(), StorageError> {
            transaction.push_in_transaction(events, NO_OPTIONS).map(drop)
        })
        .await
        .unwrap();
    assert_eq!(versions(&adapter, "a").await, [1]);
}
