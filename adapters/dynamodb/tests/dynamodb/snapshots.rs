//! Snapshots, in a separate table.

use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::StorageError;
use castore_dynamodb::{CreateTableError, CreateTableOptions, DynamoDbEventStorageAdapter, DynamoDbSnapshotAdapter};

use crate::canned::{Canned, error, ok};
use crate::support::{client, client_of_new_account, json};

async fn with_snapshots() -> DynamoDbSnapshotAdapter {
    let adapter = DynamoDbSnapshotAdapter::new(client_of_new_account(), "snapshots");
    adapter.create_snapshot_table().await.unwrap();
    adapter
}

fn key(aggregate_id: &str, state_shape: u64, reducer_version: u32) -> SnapshotKey {
    SnapshotKey { event_store_id: "POKEMONS", aggregate_id: aggregate_id.to_owned(), state_shape, reducer_version }
}

fn at(version: u64) -> Snapshot {
    Snapshot {
        version,
        rewrites: version + 7,
        event_timestamp: "2024-02-29T12:34:56.789Z".parse().unwrap(),
        state: json(&format!(r#"{{"level":{version},"half":"\ud800","wide":1e400}}"#)),
    }
}

async fn latest(adapter: &DynamoDbSnapshotAdapter, key: &SnapshotKey, max_version: Option<u64>) -> Option<u64> {
    adapter.latest_snapshot(key, max_version).await.unwrap().map(|snapshot| snapshot.version)
}

#[tokio::test]
async fn a_snapshot_comes_back_as_it_was() {
    let adapter = with_snapshots().await;
    let key = key("a#b", u64::MAX, u32::MAX);
    assert_eq!(latest(&adapter, &key, None).await, None);
    adapter.put_snapshot(&key, at(3), 1).await.unwrap();
    let found = adapter.latest_snapshot(&key, None).await.unwrap().unwrap();
    assert_eq!((found.version, found.rewrites, found.event_timestamp), (3, 10, at(3).event_timestamp));
    assert_eq!(found.state.get(), at(3).state.get());
    // A snapshot replaces an earlier one of the same version.
    adapter.put_snapshot(&key, Snapshot { state: json("null"), ..at(3) }, 5).await.unwrap();
    assert_eq!(adapter.latest_snapshot(&key, None).await.unwrap().unwrap().state.get(), "null");
    assert!(!format!("{found:?}").contains("level"), "states are private");
}

#[tokio::test]
async fn the_latest_one_up_to_a_version_is_found() {
    let adapter = with_snapshots().await;
    let key = key("a", 1, 1);
    for version in [9, 10, 100, u64::MAX] {
        adapter.put_snapshot(&key, at_end(version), 10).await.unwrap();
    }
    for (max_version, expected) in [
        (None, Some(u64::MAX)),
        (Some(u64::MAX), Some(u64::MAX)),
        (Some(u64::MAX - 1), Some(100)),
        (Some(100), Some(100)),
        (Some(99), Some(10)),
        (Some(9), Some(9)),
        (Some(8), None),
        (Some(0), None),
    ] {
        assert_eq!(latest(&adapter, &key, max_version).await, expected, "{max_version:?}");
    }
}

fn at_end(version: u64) -> Snapshot {
    Snapshot { version, ..at(1) }
}

#[tokio::test]
async fn other_shapes_reducers_and_aggregates_are_not_found() {
    let adapter = with_snapshots().await;
    adapter.put_snapshot(&key("a", 5, 5), at(5), 10).await.unwrap();
    for other in [key("a", 4, 5), key("a", 6, 5), key("a", 5, 4), key("a", 5, 6), key("b", 5, 5), key("", 5, 5)] {
        assert_eq!(latest(&adapter, &other, None).await, None, "{other:?}");
    }
    let other_store = SnapshotKey { event_store_id: "TRAINERS", ..key("a", 5, 5) };
    assert_eq!(latest(&adapter, &other_store, None).await, None);
}

#[tokio::test]
async fn the_highest_versions_are_kept_of_whatever_kind() {
    let adapter = with_snapshots().await;
    let (old, new) = (key("a", 9, 1), key("a", 1, 2));
    for version in [1, 2, 3] {
        adapter.put_snapshot(&old, at(version), 3).await.unwrap();
    }
    adapter.put_snapshot(&key("b", 9, 1), at(1), 1).await.unwrap();
    adapter.put_snapshot(&new, at(3), 2).await.unwrap();
    // Two snapshots of this version are kept: the snapshot that was just stored, and one of the other snapshots.
    assert_eq!((latest(&adapter, &new, None).await, latest(&adapter, &old, None).await), (Some(3), Some(3)));
    assert_eq!(latest(&adapter, &old, Some(2)).await, None);
    // The snapshot that was just stored is kept, even if its version is the lowest.
    adapter.put_snapshot(&new, at(1), 1).await.unwrap();
    assert_eq!(latest(&adapter, &new, Some(2)).await, Some(1));
    adapter.put_snapshot(&new, at(4), 1).await.unwrap();
    assert_eq!((latest(&adapter, &new, Some(3)).await, latest(&adapter, &old, None).await), (None, None));
    assert_eq!(latest(&adapter, &key("b", 9, 1), None).await, Some(1), "those of other aggregates stay");
}

#[tokio::test]
async fn all_snapshots_of_an_aggregate_are_removed() {
    let adapter = with_snapshots().await;
    for key in [key("a", 1, 1), key("a", 2, 1), key("a", 1, 2), key("ab", 1, 1)] {
        adapter.put_snapshot(&key, at(1), 10).await.unwrap();
        adapter.put_snapshot(&key, at(2), 10).await.unwrap();
    }
    adapter.delete_snapshots("POKEMONS", "a").await.unwrap();
    for key in [key("a", 1, 1), key("a", 2, 1), key("a", 1, 2)] {
        assert_eq!(latest(&adapter, &key, None).await, None);
    }
    assert_eq!(latest(&adapter, &key("ab", 1, 1), None).await, Some(2));
    adapter.delete_snapshots("POKEMONS", "a").await.unwrap();
}

#[tokio::test]
async fn oversized_items_are_rejected_before_anything_is_sent() {
    let canned = Canned::new([]);
    let adapter = DynamoDbSnapshotAdapter::new(client(canned.clone(), "http://dynamodb", "111111111111"), "snapshots");
    for length in [400 * 1024 - 60, 1_000_000] {
        let large = Snapshot { state: json(&format!("\"{}\"", "x".repeat(length))), ..at(1) };
        let refused = adapter.put_snapshot(&key("a", 1, 1), large, 1).await.unwrap_err();
        let StorageError::Unsupported { what } = refused else { panic!("{refused:?}") };
        assert!(what.ends_with("a snapshot at version 1 of aggregate a of event store POKEMONS"), "{what}");
    }
    let long = "x".repeat(2040);
    let refused = adapter.put_snapshot(&key(&long, 1, 1), at(1), 1).await.unwrap_err();
    assert!(matches!(refused, StorageError::Unsupported { .. }), "{refused:?}");
    assert_eq!(latest(&adapter, &key(&long, 1, 1), None).await, None);
    adapter.delete_snapshots("POKEMONS", &long).await.unwrap();
    assert_eq!(canned.count(), 0);
}

#[tokio::test]
async fn the_largest_state_that_fits_is_kept() {
    let adapter = with_snapshots().await;
    let large = Snapshot { state: json(&format!("\"{}\"", "x".repeat(400 * 1024 - 300))), ..at(1) };
    for version in [1, 2, 3] {
        adapter.put_snapshot(&key("a", 1, 1), Snapshot { version, ..large.clone() }, 3).await.unwrap();
    }
    let found = adapter.latest_snapshot(&key("a", 1, 1), None).await.unwrap().unwrap();
    assert_eq!((found.version, found.state.get().len()), (3, 400 * 1024 - 298));
}

#[tokio::test]
async fn damaged_snapshots_and_rejections_are_reported() {
    let damaged = serde_json::json!({ "Items": [{ "version": { "N": "1" }, "rewrites": { "N": "0" },
        "takenAt": { "S": "yesterday" }, "state": { "S": "secret" } }] });
    let canned = Canned::new([ok(damaged), error("AccessDeniedException")]);
    let adapter = DynamoDbSnapshotAdapter::new(client(canned.clone(), "http://dynamodb", "111111111111"), "snapshots");
    let error = adapter.latest_snapshot(&key("a", 1, 1), None).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "stored data is damaged: attribute takenAt of a snapshot of aggregate a of event store POKEMONS"
    );
    let error = adapter.put_snapshot(&key("a", 1, 1), at(1), 1).await.unwrap_err();
    assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
    assert_eq!(canned.count(), 2);
}

#[tokio::test]
async fn creating_the_table_again_changes_nothing_and_another_table_is_refused() {
    let client = client_of_new_account();
    let adapter = DynamoDbSnapshotAdapter::new(client.clone(), "snapshots");
    let (one, other) = tokio::join!(adapter.create_snapshot_table(), adapter.create_snapshot_table());
    one.and(other).unwrap();
    adapter.put_snapshot(&key("a", 1, 1), at(1), 1).await.unwrap();
    adapter.create_snapshot_table().await.unwrap();
    assert_eq!(latest(&adapter, &key("a", 1, 1), None).await, Some(1));
    let events = DynamoDbEventStorageAdapter::new(client.clone(), "events");
    events.create_event_table(CreateTableOptions::default()).await.unwrap();
    let wrong = DynamoDbSnapshotAdapter::new(client, "events");
    let error = wrong.create_snapshot_table().await.unwrap_err();
    assert!(matches!(error, CreateTableError::Different { .. }), "{error:?}");
    assert_eq!(error.to_string(), "table events exists, but its keys are not aggregateId (S) and snapshot (S)");
}
