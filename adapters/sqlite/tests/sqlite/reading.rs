use std::ops::ControlFlow;
use std::sync::mpsc;

use castore_core::storage::{
    EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, PushOptions, StorageError,
};
use castore_sqlite::SqliteEventStorageAdapter;

use crate::support::{STORE, event, place, push, versions};

#[tokio::test]
async fn a_visitor_that_panics_is_an_error_and_no_more() {
    for adapter in [place_and_open(1).await, memory().await] {
        push(&adapter.1, "a", 1).await.unwrap();
        for _ in 0..5 {
            let visit =
                Box::new(|_: castore_core::storage::RawEventRef<'_>| -> ControlFlow<()> { panic!("on purpose") });
            let result = adapter.1.visit_events(STORE, "a", GetEventsOptions::default(), visit).await;
            assert!(matches!(result, Err(StorageError::Engine(_))));
        }
        push(&adapter.1, "a", 2).await.unwrap();
        assert_eq!(versions(&adapter.1, "a").await, [1, 2]);
    }
}

async fn place_and_open(readers: usize) -> (Option<crate::support::Place>, SqliteEventStorageAdapter) {
    let place = place();
    let adapter = SqliteEventStorageAdapter::builder(&place.path).readers(readers).open().await.unwrap();
    (Some(place), adapter)
}

async fn memory() -> (Option<crate::support::Place>, SqliteEventStorageAdapter) {
    (None, SqliteEventStorageAdapter::open_in_memory().await.unwrap())
}

/// A slow read delays neither pushes nor other reads, and sees the state at its start.
#[tokio::test]
async fn a_slow_reader_blocks_no_other() {
    let (_place, adapter) = place_and_open(2).await;
    for version in 1..=3 {
        push(&adapter, "a", version).await.unwrap();
    }
    let (go, wait) = mpsc::channel::<()>();
    let (started, mut starting) = tokio::sync::mpsc::unbounded_channel();
    let slow = {
        let adapter = adapter.clone();
        tokio::spawn(async move {
            let (seen, see) = mpsc::channel();
            let visit = Box::new(move |event: castore_core::storage::RawEventRef<'_>| {
                let _ = started.send(());
                if event.version == 1 {
                    let _ = wait.recv();
                }
                let _ = seen.send(event.version);
                ControlFlow::Continue(())
            });
            adapter.visit_events(STORE, "a", GetEventsOptions::default(), visit).await.unwrap();
            see.into_iter().collect::<Vec<_>>()
        })
    };
    starting.recv().await.unwrap();
    for version in 4..=30 {
        push(&adapter, "a", version).await.unwrap();
        assert_eq!(versions(&adapter, "a").await.len() as u64, version);
    }
    go.send(()).unwrap();
    assert_eq!(slow.await.unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn damage_is_an_error_that_says_where() {
    for (sql, what) in [
        ("UPDATE event SET payload = '{\"secret' WHERE version = 2", "the payload of version 2"),
        ("UPDATE event SET metadata = 'secret' WHERE version = 2", "the metadata of version 2"),
        ("UPDATE event SET payload = x'ff' WHERE version = 2", "a column of version 2"),
        ("UPDATE event SET type = x'ff' WHERE version = 2", "a column of version 2"),
        ("UPDATE event SET timestamp = 'secret' WHERE version = 2", "a column of version 2"),
        ("UPDATE event SET timestamp = 9223372036854775807 WHERE version = 2", "a column of version 2"),
    ] {
        let (place, adapter) = place_and_open(1).await;
        push(&adapter, "a", 1).await.unwrap();
        push(&adapter, "a", 2).await.unwrap();
        place.as_ref().unwrap().raw().execute(sql, []).unwrap();
        match adapter.get_events(STORE, "a", GetEventsOptions::default()).await {
            Err(StorageError::Corrupt { what: said }) => {
                assert_eq!(said, format!("{what} of aggregate a of event store STORE"), "{sql}");
            }
            other => panic!("{sql}: {other:?}"),
        }
        let sound = GetEventsOptions::default().max_version(1);
        assert_eq!(adapter.get_events(STORE, "a", sound).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn aggregates_with_a_damaged_beginning_are_an_error() {
    let (place, adapter) = place_and_open(1).await;
    push(&adapter, "a", 1).await.unwrap();
    place.as_ref().unwrap().raw().execute("UPDATE event SET timestamp = 9223372036854775807", []).unwrap();
    let listed = adapter.list_aggregate_ids(STORE, ListAggregateIdsOptions::default()).await;
    assert!(matches!(listed, Err(StorageError::Corrupt { .. })), "{listed:?}");
}

/// Ids are compared as bytes, without a collation and without ending at a NUL character.
#[tokio::test]
async fn ids_are_listed_in_the_order_of_their_bytes() {
    let (_place, adapter) = place_and_open(1).await;
    let long = "x".repeat(10_000);
    let mut ids = vec!["", "\0", "a", "a\0", "a\0b", "B", "b", "é", "z", "\u{ffff}", "\u{10000}", "'; --", "%", &long];
    for id in &ids {
        adapter.push_event(STORE, event(id, 1), PushOptions::default()).await.unwrap();
    }
    ids.sort_unstable();
    for reverse in [false, true] {
        let mut listed = Vec::new();
        let mut options = ListAggregateIdsOptions::default().limit(3).reverse(reverse);
        loop {
            let page = adapter.list_aggregate_ids(STORE, options).await.unwrap();
            listed.extend(page.aggregates.into_iter().map(|aggregate| aggregate.aggregate_id));
            let Some(token) = page.next_page_token else { break };
            options = ListAggregateIdsOptions::default().page_token(token);
        }
        assert_eq!(listed, ids);
        ids.reverse();
    }
}
