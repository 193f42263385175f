//! Groups and concurrent pushes.

use std::time::{Duration, Instant};

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, RawEvent, StorageError};

use super::support::{
    A, ALLOW_GAP, B, C, FORCE, NO_FORCE, STORE, Schema, assert_conflict, event, grouped, push, versions, with,
};

#[tokio::test]
async fn groups_that_meet_in_opposite_orders_do_not_lock_each_other_out() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().pool_size(4)).await;
    let began = Instant::now();
    for version in 1..=40 {
        let group = |ids: [&str; 2]| {
            let group = ids.map(|id| grouped(&adapter, id, version)).into();
            let adapter = adapter.clone();
            tokio::spawn(async move { adapter.push_event_group(group, NO_FORCE).await })
        };
        let pushes = [group([A, B]), group([B, A]), group([A, B]), group([B, A])];
        let mut won = 0;
        for pushed in pushes {
            match pushed.await.unwrap() {
                Ok(stored) => {
                    assert!(stored[0].position < stored[1].position, "{stored:?}");
                    won += 1;
                }
                Err(StorageError::EventAlreadyExists(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(won, 1);
    }
    // The server needs one second to detect a deadlock.
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_forced_group_that_replaces_its_own_events_keeps_the_last() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let position = push(&adapter, A, 1).await.unwrap();
    let with = |aggregate_id: &str, payload: u64| {
        let payload = serde_json::value::to_raw_value(&payload).unwrap();
        let mut element = grouped(&adapter, A, 1);
        element.event = RawEvent { payload: Some(payload), ..event(aggregate_id, 1) };
        element
    };
    let group = vec![with(A, 7), with(B, 8), with(&A.to_uppercase(), 9)];
    let stored = adapter.push_event_group(group, FORCE).await.unwrap();
    assert_eq!((stored[0].position, stored[2].position), (Some(position), Some(position)));
    let read = adapter.get_events(STORE, A, GetEventsOptions::default()).await.unwrap();
    assert_eq!(read[0].payload.as_ref().unwrap().get(), "9");
}

#[tokio::test]
async fn serialization_failures_are_tried_again() {
    let schema = Schema::new().await;
    schema.adapter().await;
    let url = with(schema.url(), "options", "-c default_transaction_isolation=serializable");
    let adapter = schema.builder().pool_size(6).connect(&url).await.unwrap();
    let isolation = adapter.pool().get().await.unwrap().query_one("SHOW transaction_isolation", &[]).await.unwrap();
    assert_eq!(isolation.get::<_, &str>(0), "serializable");
    for version in 1..=20 {
        let mut pushes = Vec::new();
        for writer in 0..6 {
            let adapter = adapter.clone();
            pushes.push(tokio::spawn(async move {
                match writer % 3 {
                    0 => push(&adapter, A, version).await.map(drop),
                    1 => adapter.push_event(STORE, event(B, version), FORCE).await.map(drop),
                    _ => {
                        let group = vec![grouped(&adapter, C, version), grouped(&adapter, A, version)];
                        // If a group was rejected, aggregate C has no event with that version, so the push must allow
                        // gaps.
                        adapter.push_event_group(group, ALLOW_GAP).await.map(drop)
                    }
                }
            }));
        }
        let mut won = 0;
        for (writer, pushed) in pushes.into_iter().enumerate() {
            match pushed.await.unwrap() {
                Ok(()) => won += usize::from(writer % 3 != 1),
                Err(StorageError::EventAlreadyExists(_)) => assert_ne!(writer % 3, 1),
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(won, 1, "version {version} of the one aggregate");
    }
    assert_eq!(versions(&adapter, B).await.len(), 20);
}

#[tokio::test]
async fn a_group_of_thousands_is_one_statement() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().pool_size(1)).await;
    // Rows that one transaction has inserted share a transaction id, so the number of ids is the number of
    // transactions.
    let group: Vec<_> = (1..=5_000).map(|version| grouped(&adapter, A, version)).collect();
    let stored = adapter.push_event_group(group, NO_FORCE).await.unwrap();
    assert!(stored.is_sorted_by(|one, next| one.position < next.position));
    assert_eq!(schema.value::<i64>("SELECT count(DISTINCT xmin::text) FROM event").await, 1);
    let forced: Vec<_> = (1..=5_000).rev().map(|version| grouped(&adapter, A, version)).collect();
    let replaced = adapter.push_event_group(forced, FORCE).await.unwrap();
    assert!(replaced.iter().rev().eq(&stored));
    let taken: Vec<_> = (5_000..=9_999).rev().map(|version| grouped(&adapter, A, version)).collect();
    assert_conflict(adapter.push_event_group(taken, NO_FORCE).await, A, 5_000);
    assert_eq!(versions(&adapter, A).await.len(), 5_000);
}
