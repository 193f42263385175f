use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use castore_core::log::{EventLog, LogFilter, LogQuery};
use castore_core::storage::{EventStorageAdapter, GroupedRawEvent, PushOptions};
use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};

use crate::support::{FORCE, Place, STORE, event, grouped, place, push};

/// Reads page by page like a relay while writers push, until `done` is set.
async fn follow(adapter: SqliteEventStorageAdapter, done: Arc<AtomicBool>, limit: usize) -> Vec<(u64, String, u64)> {
    let mut seen = Vec::new();
    let mut position = 0;
    loop {
        let last_round = done.load(Ordering::SeqCst);
        let page = adapter.read_after(position, &LogQuery::new(LogFilter::all(), limit)).await.unwrap();
        for entry in &page.events {
            assert!(entry.position > position && entry.position <= page.scanned_to, "out of order");
            position = entry.position;
            seen.push((position, entry.event.aggregate_id.clone(), entry.event.version));
        }
        assert!(page.scanned_to >= position);
        position = page.scanned_to;
        if last_round && !page.more {
            return seen;
        }
        if !page.more {
            tokio::task::yield_now().await;
        }
    }
}

async fn write(adapter: SqliteEventStorageAdapter, seed: u64) -> HashMap<(String, u64), u64> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut stored = HashMap::new();
    let mut next = [1u64; 3];
    for _ in 0..150 {
        let own = random.usize(0..next.len());
        let id = |own: usize| format!("w{seed}-{own}");
        match random.u8(0..10) {
            // Competes with the other writers: some pushes are rejected.
            0..=2 => {
                let version = random.u64(1..60);
                if let Ok(position) = push(&adapter, "shared", version).await {
                    assert_eq!(stored.insert(("shared".to_owned(), version), position), None);
                }
            }
            3 if next[own] > 1 => {
                let version = random.u64(1..next[own]);
                let forced = adapter.push_event(STORE, event(&id(own), version), FORCE).await.unwrap();
                assert_eq!(stored.get(&(id(own), version)), forced.position.as_ref(), "a forced push moved an event");
            }
            4..=5 => {
                let other = (own + 1) % next.len();
                let keys = [(id(own), next[own]), (id(other), next[other])];
                let group: Vec<GroupedRawEvent> =
                    keys.iter().map(|(id, version)| grouped(&adapter, id, *version)).collect();
                let positions = adapter.push_event_group(group, PushOptions::default()).await.unwrap();
                stored.extend(keys.into_iter().zip(positions.iter().map(|stored| stored.position.unwrap())));
                next[own] += 1;
                next[other] += 1;
            }
            6 => {
                let group = vec![grouped(&adapter, &format!("never{seed}"), 1), grouped(&adapter, &id(own), 1)];
                if next[own] > 1 {
                    assert!(adapter.push_event_group(group, PushOptions::default()).await.is_err());
                }
            }
            _ => {
                let position = push(&adapter, &id(own), next[own]).await.unwrap();
                stored.insert((id(own), next[own]), position);
                next[own] += 1;
            }
        }
    }
    stored
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reader_misses_an_event() {
    for round in 0..4u64 {
        let place = place();
        let open = async |place: &Place| {
            let synchronous = if round % 2 == 0 { Synchronous::Full } else { Synchronous::Normal };
            let builder = SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous);
            // Two adapters write to the same file.
            builder.busy_timeout(Duration::from_secs(60)).open().await.unwrap()
        };
        let adapters = [open(&place).await, open(&place).await];
        let done = Arc::new(AtomicBool::new(false));
        let readers =
            [1, 7, 500].map(|limit| tokio::spawn(follow(adapters[limit % 2].clone(), Arc::clone(&done), limit)));
        let writers: Vec<_> =
            (0..6).map(|n| tokio::spawn(write(adapters[n % 2].clone(), round * 10 + n as u64))).collect();
        let mut stored = HashMap::new();
        for writer in writers {
            for (key, position) in writer.await.unwrap() {
                assert_eq!(stored.insert(key, position), None, "stored twice");
            }
        }
        done.store(true, Ordering::SeqCst);
        let mut model: Vec<_> = stored.into_iter().map(|((id, version), position)| (position, id, version)).collect();
        model.sort_unstable();
        assert!(model.len() > 300);
        for reader in readers {
            assert_eq!(reader.await.unwrap(), model);
        }
    }
}
