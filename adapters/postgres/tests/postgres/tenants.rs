//! Many tenants in one database, each with its own schema.

use std::time::Duration;

use castore_core::log::{EventLog, LogFilter, LogQuery};
use castore_core::storage::{EventStorageAdapter, GroupedRawEvent, StorageError};
use castore_postgres::PostgresEventStorageAdapter;
use castore_postgres::tokio_postgres::Client;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::support::{A, NO_FORCE, STORE, Schema, connect, event, grouped, push, quote, url};

const TENANTS: usize = 100;
const POOL: usize = 8;

/// Schemas that are dropped at the end of the test.
struct Tenants {
    names: Vec<String>,
    client: Client,
    /// The schema that provides the names of the other schemas, and the builder.
    first: Schema,
}

impl Tenants {
    async fn new() -> Self {
        let first = Schema::named("tenants").await;
        let client = connect(&url()).await;
        let names: Vec<String> = (0..TENANTS).map(|number| format!("{}_{number}", first.name)).collect();
        for name in &names {
            client.batch_execute(&format!("CREATE SCHEMA {}", quote(name))).await.unwrap();
        }
        Self { names, client, first }
    }

    /// Returns an adapter for each tenant, all of them with one pool.
    async fn adapters(&self) -> Vec<PostgresEventStorageAdapter> {
        let builder = |name: &str| self.first.builder().schema(name).application_name(&self.first.name).pool_size(POOL);
        let first = builder(&self.names[0]).connect(&url()).await.unwrap();
        let mut adapters = vec![first.clone()];
        for name in &self.names[1..] {
            adapters.push(builder(name).from_pool(first.pool().clone()).await.unwrap());
        }
        for adapter in &adapters {
            adapter.create_event_table().await.unwrap();
        }
        adapters
    }

    /// Returns the number of connections of the adapters.
    async fn connections(&self) -> i64 {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
        self.client.query_one(sql, &[&self.first.name]).await.unwrap().get(0)
    }

    async fn drop_schemas(self) {
        for name in &self.names {
            let sql = format!("SET client_min_messages = warning; DROP SCHEMA {} CASCADE", quote(name));
            self.client.batch_execute(&sql).await.unwrap();
        }
    }
}

/// Each tenant pushes, reads its log and waits for pushes of other processes.
#[tokio::test(flavor = "multi_thread")]
async fn tenants_share_two_connections_beside_the_pool() {
    let tenants = Tenants::new().await;
    let adapters = tenants.adapters().await;
    let mut tasks = JoinSet::new();
    for adapter in adapters.clone() {
        tasks.spawn(async move {
            let wake_ups = adapter.wake_ups().await;
            for version in 1..=3 {
                push(&adapter, A, version).await.unwrap();
                let page = adapter.read_after(0, &LogQuery::new(LogFilter::all(), 10)).await.unwrap();
                assert_eq!(page.events.len() as u64, version);
            }
            adapter.end().await.unwrap();
            wake_ups
        });
    }
    let mut most = 0;
    let mut waiting = Vec::new();
    while !tasks.is_empty() {
        if let Ok(joined) = timeout(Duration::from_millis(2), tasks.join_next()).await {
            waiting.extend(joined.map(Result::unwrap));
        }
        most = most.max(tenants.connections().await);
    }
    assert_eq!(waiting.len(), TENANTS);
    // All tenants listen on one connection: the last tenant is woken by a push of another pool.
    let last = &tenants.names[TENANTS - 1];
    let other = tenants.first.builder().schema(last).connect(&url()).await.unwrap();
    let mut wake_ups = adapters[TENANTS - 1].wake_ups().await;
    for version in 4..=6 {
        while timeout(Duration::from_millis(100), wake_ups.next()).await.is_ok() {}
        push(&other, A, version).await.unwrap();
        timeout(Duration::from_secs(20), wake_ups.next()).await.unwrap();
    }
    most = most.max(tenants.connections().await);
    assert!(most <= POOL as i64 + 2, "{most} connections for a pool of {POOL}");
    drop((waiting, wake_ups, adapters, other));
    tenants.drop_schemas().await;
}

/// The scanners of all tenants notice that their connection was lost.
#[tokio::test]
async fn tenants_replace_a_lost_connection_together() {
    let (one, other) = (Schema::new().await, Schema::new().await);
    let first = one.created(one.builder().application_name(&one.name)).await;
    let second = other.builder().from_pool(first.pool().clone()).await.unwrap();
    second.create_event_table().await.unwrap();
    for version in 1..=3 {
        for adapter in [&first, &second] {
            push(adapter, A, version).await.unwrap();
            let page = adapter.read_after(0, &LogQuery::new(LogFilter::all(), 10)).await.unwrap();
            assert_eq!(page.events.len() as u64, version);
        }
        let sql = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{}'
             AND query LIKE '%pg_locks%'",
            one.name
        );
        assert_eq!(one.value::<i64>(&sql).await, 1, "one connection checks the logs of both");
    }
}

/// A group over two tenants is refused if their schemas are isolated, and stored otherwise.
#[tokio::test]
async fn group_over_two_isolated_schemas_is_refused() {
    let (one, other) = (Schema::new().await, Schema::new().await);
    for isolated in [false, true] {
        let aggregate = if isolated { "22222222-2222-4222-8222-222222222222" } else { A };
        let first = one.created(one.builder().isolated(isolated)).await;
        let second = other.builder().isolated(isolated).from_pool(first.pool().clone()).await.unwrap();
        second.create_event_table().await.unwrap();
        let group: Vec<GroupedRawEvent> = vec![grouped(&first, aggregate, 1), grouped(&second, aggregate, 1)];
        let pushed = first.push_event_group(group, NO_FORCE).await;
        match pushed {
            Ok(_) => assert!(!isolated, "the group was stored in both schemas"),
            Err(StorageError::GroupSpansStorages { index: 1, .. }) => assert!(isolated),
            Err(error) => panic!("{error:?}"),
        }
        // Two tables of one schema are still one storage.
        let sibling = one.builder().table("archive").isolated(isolated).from_pool(first.pool().clone()).await.unwrap();
        sibling.create_event_table().await.unwrap();
        let third = if isolated { 1 } else { 2 };
        let group = vec![grouped(&first, aggregate, third), grouped(&sibling, aggregate, 1)];
        first.push_event_group(group, NO_FORCE).await.unwrap();
        assert_eq!(first.storage_id(), sibling.storage_id());
        assert_eq!(first.storage_id() == second.storage_id(), !isolated);
    }
    // Without a name, the schema of the connection is used.
    let options = format!("-c search_path={}", one.name);
    let url = super::support::with(&url(), "options", &options);
    let unnamed = PostgresEventStorageAdapter::builder().isolated(true).connect(&url).await.unwrap();
    let named = one.open(one.builder().isolated(true)).await;
    assert_eq!(unnamed.storage_id(), named.storage_id());
    unnamed.push_event(STORE, event("33333333-3333-4333-8333-333333333333", 1), NO_FORCE).await.unwrap();
}
