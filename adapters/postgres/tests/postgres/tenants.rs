//! Many tenants in one database, each with its own schema.

use std::time::Duration;

use castore_core::log::{EventLog, LogFilter, LogQuery, WakeUps};
use castore_core::storage::{EventStorageAdapter, PushTransaction, StorageError};
use castore_postgres::tokio_postgres::Client;
use castore_postgres::{InvalidName, PostgresEventStorageAdapter, PostgresPool};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::support::{A, B, NO_FORCE, STORE, Schema, connect, event, grouped, push, quote, url, versions};

const TENANTS: usize = 100;
const POOL: usize = 8;
const SOON: Duration = Duration::from_secs(20);

/// Schemas that are dropped at the end of the test.
pub(crate) struct Tenants {
    pub(crate) names: Vec<String>,
    client: Client,
    /// The first schema. Its name is the prefix of the names of the other schemas, and the `application_name` of the
    /// connections.
    pub(crate) first: Schema,
}

impl Tenants {
    pub(crate) async fn new(count: usize) -> Self {
        let first = Schema::named("tenants").await;
        let client = connect(&url()).await;
        let names: Vec<String> = (0..count).map(|number| format!("{}_{number}", first.name)).collect();
        for name in &names {
            client.batch_execute(&format!("CREATE SCHEMA {}", quote(name))).await.unwrap();
        }
        Self { names, client, first }
    }

    /// Returns an adapter for each tenant, over the connections of `database`.
    pub(crate) async fn adapters<P: PostgresPool>(
        &self,
        database: &PostgresEventStorageAdapter<P>,
    ) -> Vec<PostgresEventStorageAdapter<P>> {
        let mut adapters = Vec::new();
        for name in &self.names {
            let adapter = database.for_schema(name).unwrap();
            adapter.create_event_table().await.unwrap();
            adapters.push(adapter);
        }
        adapters
    }

    /// Returns the number of connections of the adapters.
    pub(crate) async fn connections(&self) -> i64 {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
        self.client.query_one(sql, &[&self.first.name]).await.unwrap().get(0)
    }

    /// Lets all tenants concurrently push, read their events and their log, and wait for pushes of other processes.
    /// Then lets another process push for each tenant. Asserts that the tenants never have more than `limit`
    /// connections.
    pub(crate) async fn work_at_once<P: PostgresPool>(&self, adapters: &[PostgresEventStorageAdapter<P>], limit: i64) {
        let mut tasks = JoinSet::new();
        for adapter in adapters {
            let adapter = adapter.clone();
            tasks.spawn(async move {
                let mut wake_ups = adapter.wake_ups().await;
                for version in 1..=3 {
                    adapter.push_event(STORE, event(A, version), NO_FORCE).await.unwrap();
                    let events = adapter.get_events(STORE, A, Default::default()).await.unwrap();
                    let page = adapter.read_after(0, &LogQuery::new(LogFilter::all(), 10)).await.unwrap();
                    assert_eq!((events.len(), page.events.len()), (version as usize, version as usize));
                }
                // The first wake-up reports that the connection listens.
                timeout(SOON, wake_ups.next()).await.unwrap();
                wake_ups
            });
        }
        let mut most = 0;
        let mut waiting = Vec::new();
        while !tasks.is_empty() {
            if let Ok(joined) = timeout(Duration::from_millis(2), tasks.join_next()).await {
                waiting.extend(joined.map(Result::unwrap));
            }
            most = most.max(self.connections().await);
        }
        assert_eq!(waiting.len(), adapters.len());
        self.push_of_another_process_wakes(&self.names, adapters).await;
        most = most.max(self.connections().await);
        assert!((2..=limit).contains(&most), "{most} connections, the limit is {limit}");
    }

    /// Asserts that each tenant is woken by a push of another process for this tenant.
    async fn push_of_another_process_wakes<P: PostgresPool>(
        &self,
        names: &[String],
        adapters: &[PostgresEventStorageAdapter<P>],
    ) {
        let elsewhere = self.first.open(self.first.builder().pool_size(2)).await;
        for (name, adapter) in names.iter().zip(adapters) {
            let other = elsewhere.for_schema(name).unwrap();
            let mut wake_ups = adapter.wake_ups().await;
            listens(&mut wake_ups).await;
            let version = versions(&other, B).await.len() as u64 + 1;
            push(&other, B, version).await.unwrap();
            timeout(SOON, wake_ups.next()).await.unwrap_or_else(|_| panic!("tenant {name} is not woken"));
        }
    }

    pub(crate) async fn drop_schemas(self) {
        for name in &self.names {
            let sql = format!("SET client_min_messages = warning; DROP SCHEMA {} CASCADE", quote(name));
            self.client.batch_execute(&sql).await.unwrap();
        }
    }
}

/// Waits until all earlier wake-ups have arrived.
async fn listens(wake_ups: &mut WakeUps) {
    while timeout(Duration::from_millis(20), wake_ups.next()).await.is_ok() {}
}

/// The number of connections is the size of the pool plus one, however many tenants there are.
#[tokio::test(flavor = "multi_thread")]
async fn tenants_share_one_connection_beside_the_pool() {
    let tenants = Tenants::new(TENANTS).await;
    let database = tenants.first.builder().application_name(&tenants.first.name).pool_size(POOL);
    let database = tenants.first.open(database).await;
    let adapters = tenants.adapters(&database).await;
    tenants.work_at_once(&adapters, POOL as i64 + 1).await;
    drop((adapters, database));
    tenants.drop_schemas().await;
}

/// Closing the adapter of one tenant does not close the others. Closing the adapter with the pool closes all adapters.
#[tokio::test(flavor = "multi_thread")]
async fn closing_one_tenant_leaves_the_others() {
    let tenants = Tenants::new(3).await;
    let database = tenants.first.builder().application_name(&tenants.first.name);
    let database = tenants.first.open(database).await;
    let adapters = tenants.adapters(&database).await;
    tenants.work_at_once(&adapters, 5).await;
    let mut wake_ups = adapters[1].wake_ups().await;
    adapters[0].clone().close();
    let refused =
        |result: Result<u64, StorageError>| assert!(matches!(result, Err(StorageError::ShutDown)), "{result:?}");
    refused(push(&adapters[0], A, 4).await);
    refused(adapters[0].end().await.map(|end| end.last_position));
    refused(adapters[0].begin().await.map(|_| 0));
    let mut transaction = database.begin().await.unwrap();
    let within = transaction.push_in_transaction(vec![grouped(&adapters[0], A, 4)], NO_FORCE).await;
    refused(within.map(|_| 0));
    transaction.rollback().await.unwrap();
    tenants.push_of_another_process_wakes(&tenants.names[1..], &adapters[1..]).await;
    listens(&mut wake_ups).await;
    push(&adapters[1], A, 4).await.unwrap();
    timeout(SOON, wake_ups.next()).await.unwrap();
    assert_eq!(versions(&adapters[2], A).await, [1, 2, 3]);
    database.close();
    refused(push(&adapters[1], A, 5).await);
    drop((adapters, database, wake_ups));
    tenants.drop_schemas().await;
}

/// The connection is closed when no tenant needs it.
#[tokio::test]
async fn the_connection_ends_with_its_last_user() {
    let tenants = Tenants::new(2).await;
    let database = tenants.first.builder().application_name(&tenants.first.name).pool_size(1);
    let database = tenants.first.open(database).await;
    let adapters = tenants.adapters(&database).await;
    let wake_ups = [adapters[0].wake_ups().await, adapters[1].wake_ups().await];
    for adapter in &adapters {
        adapter.end().await.unwrap();
    }
    let expect = async |expected: i64| {
        let reached = async {
            while tenants.connections().await != expected {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(SOON, reached).await.unwrap_or_else(|_| panic!("there are never {expected} connections"));
    };
    expect(2).await;
    // The scanners still use the connection, and a new reader listens on it again.
    drop(wake_ups);
    let wake_ups = adapters[0].wake_ups().await;
    tenants.push_of_another_process_wakes(&tenants.names, &adapters[..1]).await;
    assert_eq!(tenants.connections().await, 2);
    adapters.iter().for_each(PostgresEventStorageAdapter::close);
    drop(wake_ups);
    expect(1).await;
    drop((adapters, database));
    tenants.drop_schemas().await;
}

/// The scanners and the listener of all tenants notice that their connection was lost.
#[tokio::test]
async fn tenants_replace_a_lost_connection_together() {
    let (one, other) = (Schema::new().await, Schema::new().await);
    let first = one.created(one.builder().application_name(&one.name)).await;
    let second = first.for_schema(&other.name).unwrap();
    second.create_event_table().await.unwrap();
    let elsewhere = other.open(other.builder()).await;
    let mut wake_ups = second.wake_ups().await;
    // The first wake-up reports that the connection listens.
    timeout(SOON, wake_ups.next()).await.unwrap();
    for version in 1..=3 {
        // The second schema also has the events of the other process.
        for (adapter, events) in [(&first, version), (&second, 2 * version - 1)] {
            push(adapter, A, version).await.unwrap();
            let page = adapter.read_after(0, &LogQuery::new(LogFilter::all(), 10)).await.unwrap();
            assert_eq!(page.events.len() as u64, events);
        }
        let sql = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{}'
             AND query LIKE '%pg_locks%'",
            one.name
        );
        assert_eq!(one.value::<i64>(&sql).await, 1, "one connection checks the logs of both");
        // The reader is woken whether the push happens before or after the new connection listens.
        while timeout(Duration::from_millis(1), wake_ups.next()).await.is_ok() {}
        push(&elsewhere, B, version).await.unwrap();
        timeout(SOON, wake_ups.next()).await.unwrap();
    }
}

/// The name of a schema is checked before anything is sent.
#[tokio::test]
async fn schema_names_are_checked() {
    let schema = Schema::new().await;
    let adapter = schema.open(schema.builder()).await;
    for name in ["", "a\0b", &"x".repeat(64)] {
        let refused: Result<_, InvalidName> = adapter.for_schema(name);
        assert!(refused.is_err(), "{name:?}");
    }
    let sibling = adapter.for_schema(&schema.name).unwrap();
    assert_eq!(sibling.storage_id(), adapter.storage_id());
}
