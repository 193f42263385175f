//! The state of relays: the conformance test kit, privileges, and fencing.

use std::sync::Arc;
use std::time::Duration;

use castore_conformance::relay_storage::{FreshRelayStorage, RelayStorageFactory};
use castore_core::log::{EventLog, LogId};
use castore_core::relay::{AcquireLease, CommitOutcome, Lease, LeaseOutcome, RelayCommit, RelayStorageAdapter};
use castore_postgres::PostgresEventStorageAdapter;

use super::log::ORIGINAL;
use super::support::{A, Schema, Via, connect, quote, url, with};

struct Relays(Via);

#[castore_conformance::async_trait]
impl RelayStorageFactory for Relays {
    async fn fresh(&self) -> FreshRelayStorage {
        let schema = Schema::new().await.via(self.0);
        let builder = schema.builder();
        let adapter = schema.created(builder.clone()).await;
        let log_id = adapter.log_id().await.unwrap();
        let url = schema.adapter_url();
        FreshRelayStorage::new(adapter).keeping(schema).kept_with(log_id).another_handle(move || {
            let (builder, url) = (builder.clone(), url.clone());
            async move { Arc::new(builder.connect(&url).await.unwrap()) as Arc<dyn RelayStorageAdapter> }
        })
    }
}

castore_conformance::relay_storage_conformance!(mod direct, Relays(Via::Direct));
castore_conformance::relay_storage_conformance!(mod pgbouncer, Relays(Via::PgBouncer));

async fn lease(adapter: &PostgresEventStorageAdapter, lasts: Duration) -> Lease {
    let log_id = adapter.log_id().await.unwrap();
    let request = AcquireLease { relay: "relay", owner: "me", lasts, log_id: &log_id, first: 0 };
    match adapter.acquire(request).await.unwrap() {
        LeaseOutcome::Lease { lease, .. } => lease,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_holder_that_lost_its_lease_writes_nothing() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let old = lease(&adapter, Duration::ZERO).await;
    let other = schema.open(schema.builder()).await;
    let new = lease(&other, Duration::from_secs(60)).await;
    assert!(new.token > old.token);
    let commit = |position| RelayCommit { position, lasts: Duration::from_secs(60), ..RelayCommit::default() };
    assert_eq!(other.commit(&new, commit(7)).await.unwrap(), CommitOutcome::Done);
    assert_eq!(adapter.commit(&old, commit(5)).await.unwrap(), CommitOutcome::Fenced);
    adapter.release(&old).await.unwrap();
    let checkpoint = adapter.checkpoint("relay").await.unwrap().unwrap();
    assert_eq!((checkpoint.position, checkpoint.owner.as_deref()), (7, Some("me")));
}

#[tokio::test]
async fn state_is_kept_with_all_logs_of_the_database() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let other = schema.created(schema.builder().table("other")).await;
    let (log, other_log) = (adapter.log_id().await.unwrap(), other.log_id().await.unwrap());
    assert_ne!(log, other_log);
    assert!(adapter.shares_database_with(&log).await.unwrap());
    assert!(adapter.shares_database_with(&other_log).await.unwrap());
    let elsewhere = PostgresEventStorageAdapter::builder().connect(&with(&url(), "dbname", "template1")).await.unwrap();
    assert!(elsewhere.shares_database_with(&log).await.is_err(), "there is no event table there");
    assert!(!adapter.shares_database_with(&LogId::new("postgres:1:2:3")).await.unwrap());
    assert!(!adapter.shares_database_with(&LogId::new("sqlite:abc")).await.unwrap());
}

#[tokio::test]
async fn who_may_not_create_the_tables_hears_of_it() {
    let schema = Schema::new().await;
    schema.run(ORIGINAL).await;
    let (name, role) = (quote(&schema.name), format!("castore_relay_{}", schema.name));
    schema
        .run(&format!(
            "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA {name} TO {role};
             GRANT SELECT ON event, event_id_seq TO {role}"
        ))
        .await;
    let adapter = schema.builder().connect(&with(schema.url(), "user", &role)).await.unwrap();
    assert_eq!(adapter.checkpoint("relay").await.unwrap(), None);
    assert!(adapter.parked("relay").await.unwrap().is_empty());
    let log_id = adapter.log_id().await.unwrap();
    let lasts = Duration::from_secs(1);
    let request = AcquireLease { relay: "relay", owner: "me", lasts, log_id: &log_id, first: 0 };
    let error = adapter.acquire(request).await.unwrap_err();
    assert!(castore_core::error::error_chain(&error).contains("the tables of relays"), "{error:?}");
    let owner = schema.open(schema.builder()).await;
    for _ in 0..2 {
        owner.create_relay_tables().await.unwrap();
    }
    schema.run(&format!("GRANT SELECT, INSERT, UPDATE, DELETE ON castore_relay, castore_parked TO {role}")).await;
    assert!(matches!(adapter.acquire(request).await.unwrap(), LeaseOutcome::Lease { .. }));
    adapter.close();
    schema.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn any_number_of_processes_may_create_the_tables_at_once() {
    let schema = Schema::new().await;
    schema.adapter().await;
    let mut creating = Vec::new();
    for index in 0..6 {
        // With this timeout, the processes wait for each other to create the tables, even on a slow server.
        let adapter = schema.open(schema.builder().pool_size(1).lock_timeout(Duration::from_secs(60))).await;
        creating.push(tokio::spawn(async move {
            if index % 2 == 0 {
                adapter.create_relay_tables().await.unwrap();
            }
            let log_id = adapter.log_id().await.unwrap();
            let lasts = Duration::from_secs(60);
            let request = AcquireLease { relay: "relay", owner: "me", lasts, log_id: &log_id, first: 0 };
            matches!(adapter.acquire(request).await.unwrap(), LeaseOutcome::Lease { .. })
        }));
    }
    let mut leases = 0;
    for created in creating {
        leases += usize::from(created.await.unwrap());
    }
    assert_eq!(leases, 1);
}

/// The server's clock was an hour ahead when the lease was written. The holder of the lease has crashed, and for the
/// next hour, every other relay would wait for the lease.
#[tokio::test]
async fn a_lease_from_a_clock_that_was_ahead_has_run_out() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let held = lease(&adapter, Duration::from_secs(30)).await;
    schema.run("UPDATE castore_relay SET expires_at = expires_at + interval '1 hour'").await;
    assert_eq!(adapter.checkpoint("relay").await.unwrap().unwrap().owner, None);
    let taken = lease(&adapter, Duration::from_secs(30)).await;
    assert!(taken.token > held.token);
    // A lease is held if its remaining time does not exceed its stored length.
    let log_id = adapter.log_id().await.unwrap();
    let lasts = Duration::from_secs(1);
    let request = AcquireLease { relay: "relay", owner: "you", lasts, log_id: &log_id, first: 0 };
    assert!(matches!(adapter.acquire(request).await.unwrap(), LeaseOutcome::HeldByOther { .. }));
}

/// The future of a commit may be dropped while the server still executes it, and the next commit may use another
/// connection.
#[tokio::test]
async fn commit_frees_what_an_unfinished_commit_of_its_lease_parks() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let lease = lease(&adapter, Duration::from_secs(60)).await;
    schema
        .run(&format!(
            "BEGIN; UPDATE castore_relay SET position = 1;
             INSERT INTO castore_parked VALUES ('relay', 'STORE', '{A}', 1, 1, 1, 'error', now(), false)"
        ))
        .await;
    let next = RelayCommit {
        position: 2,
        lasts: Duration::from_secs(60),
        freed: vec![("STORE".to_owned(), A.to_owned())],
        ..RelayCommit::default()
    };
    let committing = tokio::spawn({
        let adapter = adapter.clone();
        async move { adapter.commit(&lease, next).await }
    });
    let waiting = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%{}%'",
        schema.name
    );
    let observer = connect(schema.url()).await;
    while observer.query_one(&waiting, &[]).await.unwrap().get::<_, i64>(0) != 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    schema.run("COMMIT").await;
    assert_eq!(committing.await.unwrap().unwrap(), CommitOutcome::Done);
    assert_eq!(adapter.parked("relay").await.unwrap(), []);
    assert_eq!(adapter.checkpoint("relay").await.unwrap().unwrap().position, 2);
}
