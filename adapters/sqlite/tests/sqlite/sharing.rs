use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use castore_core::storage::{EventStorageAdapter, PushOptions, StorageError};
use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};
use tokio::task::JoinSet;

use crate::support::{STORE, assert_conflict, child, event, grouped, integrity, place, push, versions};

#[tokio::test]
async fn two_adapters_on_one_file_are_one_storage() {
    let place = place();
    let one = place.open().await;
    let other = SqliteEventStorageAdapter::open(place.folder.path().join(".").join("events.db")).await.unwrap();
    assert!(one.storage_id() == other.storage_id());
    let first = push(&one, "a", 1).await.unwrap();
    assert_eq!(versions(&other, "a").await, [1]);
    assert_conflict(push(&other, "a", 1).await, "a", 1);
    assert!(push(&other, "a", 2).await.unwrap() > first);
    let group = vec![grouped(&one, "b", 1), grouped(&other, "c", 1)];
    one.push_event_group(group, PushOptions::default()).await.unwrap();
    let group = vec![grouped(&one, "b", 2), grouped(&other, "c", 1)];
    assert_conflict(other.push_event_group(group, PushOptions::default()).await, "c", 1);
    assert_eq!(versions(&one, "b").await, [1]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_leads_to_the_same_storage() {
    let place = place();
    let one = place.open().await;
    let link = place.folder.path().join("link.db");
    std::os::unix::fs::symlink(&place.path, &link).unwrap();
    let other = SqliteEventStorageAdapter::open(link).await.unwrap();
    assert!(one.storage_id() == other.storage_id());
    push(&one, "a", 1).await.unwrap();
    assert_conflict(push(&other, "a", 1).await, "a", 1);
}

#[tokio::test]
async fn a_group_over_two_files_is_refused() {
    let (here, there) = (place(), place());
    let (one, other) = (here.open().await, there.open().await);
    assert!(one.storage_id() != other.storage_id());
    let group = vec![grouped(&one, "a", 1), grouped(&other, "a", 1)];
    let refused = one.push_event_group(group, PushOptions::default()).await;
    assert!(matches!(refused, Err(StorageError::GroupSpansStorages { index: 1, .. })));
    assert!(versions(&one, "a").await.is_empty());
    assert!(versions(&other, "a").await.is_empty());
}

/// Two handles of one file cannot see each other wait, just like two processes. A handle whose writer never pauses must
/// not prevent the other handle from writing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_busy_handle_does_not_starve_another() {
    const PUSHES: u64 = 100;
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let place = place();
        let builder = || SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous);
        let (busy, other) = (builder().open().await.unwrap(), builder().open().await.unwrap());
        let stored = Arc::new(AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        for task in 0..8 {
            let (busy, stored) = (busy.clone(), Arc::clone(&stored));
            tasks.spawn(async move {
                for version in 1.. {
                    push(&busy, &format!("busy{task}"), version).await.unwrap();
                    stored.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        push(&other, "other", 1).await.unwrap();
        let before = stored.load(Ordering::Relaxed);
        for version in 2..=PUSHES {
            push(&other, "other", version).await.unwrap();
        }
        let beside = stored.load(Ordering::Relaxed) - before;
        assert!(tasks.try_join_next().is_none(), "no push of the busy handle fails");
        tasks.shutdown().await;
        println!("{synchronous:?}: {beside} pushes of the busy handle beside {PUSHES} of the other one");
        // The 8 tasks of the busy handle share a transaction, so about 8 of its pushes are stored for each push of the
        // other handle.
        assert!(beside < PUSHES * 8 * 20, "{beside} pushes of the busy handle beside {PUSHES} of the other one");
    }
}

const PATH: &str = "CASTORE_SQLITE_SHARING_PATH";
const EACH: u64 = 150;

/// The program that the other processes of the test below run. The processes compete for the versions of one aggregate,
/// and push to their own aggregates.
#[test]
fn process() {
    let Ok(path) = std::env::var(PATH) else { return };
    let me = std::process::id();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let adapter = SqliteEventStorageAdapter::builder(path)
            .busy_timeout(std::time::Duration::from_secs(60))
            .open()
            .await
            .unwrap();
        let own = async {
            for version in 1..=EACH {
                push(&adapter, &format!("own-{me}"), version).await.unwrap();
            }
        };
        let race = async {
            for version in 1..=EACH {
                match adapter.push_event(STORE, event("race", version), PushOptions::default()).await {
                    Ok(_) | Err(StorageError::EventAlreadyExists(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        };
        tokio::join!(own, race);
        adapter.shutdown().await;
    });
}

#[tokio::test]
async fn several_processes_may_write_one_file() {
    let place = place();
    let path = place.path.to_str().unwrap();
    let mut processes: Vec<_> = (0..3).map(|_| child("sharing::process", &[(PATH, path)]).spawn().unwrap()).collect();
    let ids: Vec<_> = processes.iter().map(std::process::Child::id).collect();
    for process in &mut processes {
        assert!(process.wait().unwrap().success());
    }
    let adapter = place.open().await;
    let all: Vec<_> = (1..=EACH).collect();
    assert_eq!(versions(&adapter, "race").await, all);
    for id in ids {
        assert_eq!(versions(&adapter, &format!("own-{id}")).await, all);
    }
    let raw = place.raw();
    let count: i64 = raw.query_row("SELECT count(*) FROM event", [], |row| row.get(0)).unwrap();
    assert_eq!(count as u64, EACH * 4);
    assert_eq!(integrity(&raw), "ok");
}
