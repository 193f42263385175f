//! Tests of when snapshots are taken, and of which snapshots are kept.

use castore::prelude::*;
use castore::snapshot::{InMemorySnapshotAdapter, Snapshots};

use super::support::{Counter, JsonSnapshots, added, push};
use crate::store::readable::{Weather, WeatherEvent};

#[tokio::test]
async fn load_takes_a_snapshot_at_each_multiple() {
    let kept = JsonSnapshots::default();
    let counters = EventStore::<Counter>::new(InMemoryEventStorageAdapter::new())
        .with_snapshots(Snapshots::new(kept.clone()).every(10).keep(2));
    push(&counters, "c", 1, 9).await;
    counters.get_aggregate("c").without_events().await.unwrap();
    assert!(kept.versions("c").is_empty());

    push(&counters, "c", 10, 25).await;
    assert!(kept.versions("c").is_empty(), "pushes take no snapshots");
    counters.get_aggregate("c").await.unwrap();
    assert!(kept.versions("c").is_empty(), "loads of all events take no snapshots");
    counters.get_aggregate("c").without_events().await.unwrap();
    assert_eq!(kept.versions("c"), [25]);

    push(&counters, "c", 26, 29).await;
    counters.get_aggregate("c").without_events().await.unwrap();
    assert_eq!(kept.versions("c"), [25]);
    push(&counters, "c", 30, 30).await;
    counters.get_existing_aggregate("c").since_snapshot().await.unwrap();
    assert_eq!(kept.versions("c"), [25, 30]);
    push(&counters, "c", 31, 47).await;
    counters.get_aggregate("c").max_version(45).without_events().await.unwrap();
    assert_eq!(kept.versions("c"), [25, 30], "a load of an earlier version takes no snapshot");
    counters.get_aggregate("c").without_events().await.unwrap();
    assert_eq!(kept.versions("c"), [30, 47], "two snapshots are kept");
}

#[tokio::test]
async fn predicate_decides_about_snapshots() {
    let kept = JsonSnapshots::default();
    let snapshots = Snapshots::new(kept.clone()).when(|counter: &Aggregate<Counter>, from_version| {
        assert!(from_version < counter.version);
        counter.version == 3
    });
    let counters = EventStore::new(InMemoryEventStorageAdapter::new()).with_snapshots(snapshots);
    for version in 1..=5 {
        push(&counters, "c", version, version).await;
        counters.get_aggregate("c").without_events().await.unwrap();
    }
    assert_eq!(kept.versions("c"), [3]);
}

#[tokio::test]
async fn cache_is_bounded_and_updated() {
    let cache = InMemorySnapshotAdapter::with_capacity(2);
    let counters =
        EventStore::<Counter>::new(InMemoryEventStorageAdapter::new()).with_snapshots(Snapshots::new(cache.clone()));
    for id in ["a", "b", "c"] {
        push(&counters, id, 1, 3).await;
        counters.get_aggregate(id).without_events().await.unwrap();
    }
    assert_eq!(cache.len(), 2);
    let since = counters.get_aggregate("c").since_snapshot().await.unwrap();
    assert_eq!((since.snapshot_version, since.events_since_snapshot.len()), (Some(3), 0));
    let since = counters.get_aggregate("a").since_snapshot().await.unwrap();
    assert_eq!(
        (since.snapshot_version, since.events_since_snapshot.len()),
        (None, 3),
        "the cache has dropped aggregate a"
    );
}

#[tokio::test]
async fn cache_is_looked_up_before_the_storage() {
    let (cache, kept) = (InMemorySnapshotAdapter::with_capacity(10), JsonSnapshots::default());
    let storage = InMemoryEventStorageAdapter::new();
    let counters = EventStore::<Counter>::new(storage.clone())
        .with_snapshots(Snapshots::new(cache))
        .with_snapshots(Snapshots::new(kept.clone()).every(10));
    for version in 1..=25 {
        push(&counters, "c", version, version).await;
        counters.get_aggregate("c").without_events().await.unwrap();
    }
    assert_eq!(kept.versions("c"), [20], "although each load read only one event");
    // Another process with an empty cache.
    let counters = EventStore::<Counter>::new(storage)
        .with_snapshots(Snapshots::new(InMemorySnapshotAdapter::with_capacity(10)))
        .with_snapshots(Snapshots::new(kept));
    assert_eq!(counters.get_aggregate("c").since_snapshot().await.unwrap().snapshot_version, Some(20));
    assert_eq!(counters.get_aggregate("c").since_snapshot().await.unwrap().snapshot_version, Some(25));
}

#[tokio::test]
async fn previous_aggregate_of_a_caller_is_not_stored() {
    let counters = EventStore::<Counter>::new(InMemoryEventStorageAdapter::new())
        .with_snapshots(Snapshots::new(InMemorySnapshotAdapter::with_capacity(10)));
    let pushed = counters.push_event(added("c", 1, 1)).await.unwrap();
    let mut invented = pushed.next_aggregate.unwrap();
    invented.digest = 0;
    counters.push_event(invented.next_event(super::support::CounterEvent::Added { amount: 2 })).await.unwrap();
    let loaded = counters.get_existing_aggregate("c").without_events().await.unwrap();
    assert_eq!(loaded, counters.get_existing_aggregate("c").await.unwrap().aggregate);
}

#[tokio::test]
async fn state_that_could_not_be_read_again_is_not_taken() {
    let kept = JsonSnapshots::default();
    let weather = EventStore::<Weather>::new(InMemoryEventStorageAdapter::new())
        .with_snapshots(Snapshots::new(kept.clone()).every(1));
    let measured = |celsius| WeatherEvent::Measured { celsius };
    weather.push_event(NewEvent::new("w", 1, measured(1.0))).await.unwrap();
    weather.get_aggregate("w").without_events().await.unwrap();
    assert_eq!(kept.versions("w"), [1]);
    // The reducer doubles the value, which overflows to infinity. JSON cannot represent this state.
    weather.push_event(NewEvent::new("w", 2, measured(f64::MAX))).await.unwrap();
    for _ in 0..2 {
        let aggregate = weather.get_existing_aggregate("w").without_events().await.unwrap();
        assert!(aggregate.average.is_infinite());
    }
    assert_eq!(kept.versions("w"), [1]);
}
