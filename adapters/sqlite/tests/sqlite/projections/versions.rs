use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use castore_core::consumer::HandlerError;
use castore_projection::ProjectionError;
use castore_sqlite::projection::{ReadModel, SqliteProjection, SqliteReadModels, Tables};
use rusqlite::{Connection, Transaction};
use tokio::time::sleep;

use super::support::{Counts, SOON, Seen, counts, map, start, stopped, stored};
use crate::support::{place, push};

/// Returns the version that readers see, recognized by its column.
fn seen(path: &std::path::Path) -> u32 {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(SOON).unwrap();
    let columns: Vec<String> =
        connection.prepare("SELECT * FROM counts").unwrap().column_names().into_iter().map(str::to_owned).collect();
    columns[2].strip_prefix("added_in_").unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_takes_over_when_it_has_caught_up() {
    for beside in [false, true] {
        let place = place();
        let adapter = place.open().await;
        let path = if beside { place.folder.path().join("read.db") } else { place.path.clone() };
        let models = SqliteReadModels::open(&path).await.unwrap();
        let old = start(&models, Counts::<1>::new(), &adapter).await;
        let done = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..3)
            .map(|n| {
                let (adapter, done) = (adapter.clone(), Arc::clone(&done));
                tokio::spawn(async move {
                    let mut last = 0;
                    for version in 1.. {
                        last = push(&adapter, &format!("w{n}"), version).await.unwrap();
                        if done.load(Ordering::SeqCst) {
                            break;
                        }
                        sleep(Duration::from_micros(300)).await;
                    }
                    last
                })
            })
            .collect();
        // A busy machine may take a while to write enough events for a load.
        while stored(&place.path).values().sum::<u64>() <= 30 {
            sleep(Duration::from_millis(5)).await;
        }
        let held = Arc::new(AtomicBool::new(true));
        let holding = Arc::clone(&held);
        let new = Counts::<2>::failing(move |_| {
            // Simulates a slow handler without keeping other writers out.
            if holding.load(Ordering::SeqCst) {
                let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
                return Err(rusqlite::Error::SqliteFailure(full, None).into());
            }
            Ok(())
        });
        let new = start(&models, new, &adapter).await;
        sleep(Duration::from_millis(50)).await;
        assert_eq!(seen(&path), 1);
        assert!(!new.status().await.unwrap().live);
        held.store(false, Ordering::SeqCst);
        let start = std::time::Instant::now();
        while !new.status().await.unwrap().live {
            assert!(start.elapsed() < SOON, "it does not take over: {:?}", new.status().await);
            sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(seen(&path), 2);
        let before = counts(&path).values().sum::<u64>();
        assert!(before > 30, "only {before} events: that was no load");
        done.store(true, Ordering::SeqCst);
        let mut last = 0;
        for writer in writers {
            last = last.max(writer.await.unwrap());
        }
        new.wait_for(last, SOON).await.unwrap();
        old.wait_for(last, SOON).await.unwrap();
        assert_eq!(counts(&path), stored(&place.path));
        let live: Vec<_> = models.versions(&adapter).await.unwrap().iter().map(|one| (one.version, one.live)).collect();
        assert_eq!(live, [(1, false), (2, true)]);
        old.shutdown().await.unwrap();
        new.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn only_what_readers_do_not_use_can_be_dropped() {
    let place = place();
    let adapter = place.open().await;
    let models = adapter.read_models().unwrap();
    assert!(!models.drop_version("counts", 1).await.unwrap());
    let last = push(&adapter, "a", 1).await.unwrap();
    let mut old = start(&models, Counts::<1>::new(), &adapter).await;
    old.wait_for(last, SOON).await.unwrap();
    let error = models.drop_version("counts", 1).await.unwrap_err();
    assert!(
        matches!(&error, ProjectionError::Setup { source, .. }
            if source.to_string() == "version 1 of counts cannot be dropped, because readers use it"),
        "{error:?}"
    );
    let new = start(&models, Counts::<2>::new(), &adapter).await;
    new.wait_for(last, SOON).await.unwrap();
    while !new.status().await.unwrap().live {
        sleep(Duration::from_millis(1)).await;
    }
    assert!(models.drop_version("counts", 1).await.unwrap());
    assert!(!models.drop_version("counts", 1).await.unwrap());
    assert!(place.raw().prepare("SELECT * FROM counts_v1").is_err());
    let last = push(&adapter, "a", 2).await.unwrap();
    new.wait_for(last, SOON).await.unwrap();
    assert_eq!(counts(&place.path), map(&[("a", 2)]));
    let error = stopped(&mut old).await;
    assert!(castore_core::error::error_chain(&error).contains("dropped"), "{error:?}");
}

#[tokio::test]
async fn an_older_version_does_not_take_over() {
    let place = place();
    let adapter = place.open().await;
    let models = adapter.read_models().unwrap();
    let last = push(&adapter, "a", 1).await.unwrap();
    let new = start(&models, Counts::<2>::new(), &adapter).await;
    new.wait_for(last, SOON).await.unwrap();
    let old = start(&models, Counts::<1>::new(), &adapter).await;
    old.wait_for(last, SOON).await.unwrap();
    let last = push(&adapter, "a", 2).await.unwrap();
    old.wait_for(last, SOON).await.unwrap();
    assert!(!old.status().await.unwrap().live);
    assert_eq!(seen(&place.path), 2);
}

/// A ledger with a second table in its first version only.
struct Ledger<const V: u32>;

impl<const V: u32> ReadModel for Ledger<V> {
    const NAME: &'static str = "ledger";
    const VERSION: u32 = V;
    type Event = Seen;
}

impl<const V: u32> SqliteProjection for Ledger<V> {
    const TABLES: &'static [&'static str] = if V == 1 { &["totals", "lines"] } else { &["totals"] };

    fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> rusqlite::Result<()> {
        transaction
            .execute_batch(&format!("CREATE TABLE {tables} (total INTEGER); INSERT INTO {tables} VALUES (0)"))?;
        if V == 1 {
            transaction.execute_batch(&format!("CREATE TABLE {} (version INTEGER)", tables.table("lines")))?;
        }
        Ok(())
    }

    fn apply(&self, transaction: &Transaction<'_>, tables: &Tables, seen: &Seen) -> Result<(), HandlerError> {
        transaction.execute(&format!("UPDATE {tables} SET total = total + ?1"), [seen.version as i64])?;
        if V == 1 {
            transaction
                .execute(&format!("INSERT INTO {} VALUES (?1)", tables.table("lines")), [seen.version as i64])?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn views_come_and_go_with_the_tables_of_the_version() {
    let place = place();
    let adapter = place.open().await;
    let models = adapter.read_models().unwrap();
    push(&adapter, "a", 1).await.unwrap();
    let last = push(&adapter, "a", 2).await.unwrap();
    let one = |sql: &str| place.raw().query_row(sql, [], |row| row.get::<_, i64>(0));
    let old = start(&models, Ledger::<1>, &adapter).await;
    old.wait_for(last, SOON).await.unwrap();
    assert_eq!((one("SELECT total FROM totals"), one("SELECT count(*) FROM lines")), (Ok(3), Ok(2)));
    old.shutdown().await.unwrap();
    let new = start(&models, Ledger::<2>, &adapter).await;
    new.wait_for(last, SOON).await.unwrap();
    while !new.status().await.unwrap().live {
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(one("SELECT total FROM totals"), Ok(3));
    assert!(one("SELECT count(*) FROM lines").is_err());
    assert_eq!(one("SELECT count(*) FROM lines_v1"), Ok(2));
    assert!(models.drop_version("ledger", 1).await.unwrap());
    let left = "SELECT count(*) FROM sqlite_schema WHERE name IN ('lines', 'lines_v1', 'totals_v1')";
    assert_eq!(one(left), Ok(0));
}
