use std::time::Duration;

use castore_core::storage::{EventStorageAdapter, PushOptions};
use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};
use tokio::task::JoinSet;

use crate::support::{grouped, integrity, place, push, versions};

/// Futures are dropped at random moments: each push is stored as a whole or not at all, and other pushes are
/// unaffected.
#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_push_is_stored_whole_or_not_at_all() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let place = place();
        let adapter = SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous).open().await.unwrap();
        let mut tasks = JoinSet::new();
        for task in 0..8u64 {
            let adapter = adapter.clone();
            tasks.spawn(async move {
                for n in 0..150u64 {
                    let id = format!("{task}-{n}");
                    let group = ["a", "b", "c"].map(|part| grouped(&adapter, &format!("{part}{id}"), 1)).into();
                    let pushing = adapter.push_event_group(group, PushOptions::default());
                    let patience = Duration::from_micros((task * 150 + n) * 7 % 400);
                    let _ = tokio::time::timeout(patience, pushing).await;
                    if n % 10 == 0 {
                        push(&adapter, &format!("kept{id}"), 1).await.unwrap();
                    }
                }
            });
        }
        tasks.join_all().await;
        // All pushes that were still running are stored before this one.
        push(&adapter, "end", 1).await.unwrap();
        for task in 0..8 {
            for n in 0..150 {
                let a = versions(&adapter, &format!("a{task}-{n}")).await;
                for part in ["b", "c"] {
                    assert_eq!(versions(&adapter, &format!("{part}{task}-{n}")).await, a);
                }
                if n % 10 == 0 {
                    assert_eq!(versions(&adapter, &format!("kept{task}-{n}")).await, [1]);
                }
            }
        }
        assert_eq!(integrity(&place.raw()), "ok");
    }
}

/// A push that is polled once and then forgotten must not delay later pushes.
#[tokio::test]
async fn an_unpolled_push_blocks_no_other() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let place = place();
        let adapter = SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous).open().await.unwrap();
        let mut forgotten = Box::pin(push(&adapter, "a", 1));
        // The lock keeps the push from completing at its first poll.
        let raw = place.raw();
        raw.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(futures_once(&mut forgotten).await.is_none());
        raw.execute_batch("ROLLBACK").unwrap();
        for version in 1..=20 {
            tokio::time::timeout(Duration::from_secs(60), push(&adapter, "b", version)).await.unwrap().unwrap();
        }
        forgotten.await.unwrap();
        assert_eq!(versions(&adapter, "a").await, [1]);
    }
}

/// Polls more pushes than the queue has slots, once each, and then drops them or keeps them without polling.
#[tokio::test]
async fn unpolled_pushes_fill_no_queue() {
    for kept in [false, true] {
        let place = place();
        let normal = SqliteEventStorageAdapter::builder(&place.path).synchronous(Synchronous::Normal);
        for adapter in [normal.open().await.unwrap(), SqliteEventStorageAdapter::open_in_memory().await.unwrap()] {
            let mut forgotten = Vec::new();
            for version in 1..=5_000 {
                let mut pushing = Box::pin(push(&adapter, "a", version));
                let _ = futures_once(&mut pushing).await;
                if kept {
                    forgotten.push(pushing);
                }
            }
            // The other pushes may wait for a slot of the full queue, and later pushes wait behind them.
            forgotten.truncate(4_096);
            tokio::time::timeout(Duration::from_secs(20), push(&adapter, "b", 1)).await.unwrap().unwrap();
            assert_eq!(versions(&adapter, "b").await, [1]);
        }
    }
}

/// Polls a future once.
async fn futures_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test]
async fn a_dropped_opening_leaves_nothing_behind() {
    let place = place();
    for _ in 0..20 {
        let mut opening = Box::pin(SqliteEventStorageAdapter::open(&place.path));
        let _ = futures_once(&mut opening).await;
    }
    push(&place.open().await, "a", 1).await.unwrap();
}
