//! Tests that the kit detects faults. Each adapter has one fault, and the tests of the kit that are listed for
//! the fault must fail.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::snapshot::{BEHAVIORS, FreshSnapshots, SnapshotFactory};
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::StorageError;
use castore_core::time::Timestamp;

use crate::json::JsonSnapshots;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    ShapeIgnored,
    ShapeAsFloat,
    ShapeSigned,
    ReducerIgnored,
    StoreIgnored,
    AggregateLowercased,
    KeyJoined,
    BoundIgnored,
    BoundExclusive,
    FirstStays,
    NothingRemoved,
    TheLowestGoes,
    KeepsOneMore,
    DeletesOneShape,
    DeletesAllStores,
    SecondsOnly,
    RewritesLost,
    LargeCut,
    StateAsFloats,
    InTwoSteps,
    VersionsWrap,
}

use Fault::*;

/// The faults, each with some of the behaviors that must fail because of this fault.
const FOUND_BY: &[(Fault, &[&str])] = &[
    (ShapeIgnored, &["other_keys_do_not_find_it", "state_shapes_are_distinct"]),
    (ShapeAsFloat, &["state_shapes_are_distinct"]),
    (ShapeSigned, &["state_shapes_are_distinct"]),
    (ReducerIgnored, &["other_keys_do_not_find_it", "reducer_versions_are_distinct"]),
    (StoreIgnored, &["other_keys_do_not_find_it", "other_aggregates_keep_theirs", "any_text_is_an_event_store"]),
    (AggregateLowercased, &["any_text_is_an_aggregate_id"]),
    (KeyJoined, &["any_text_is_an_event_store"]),
    (BoundIgnored, &["max_version_is_inclusive"]),
    (BoundExclusive, &["max_version_is_inclusive"]),
    (FirstStays, &["the_same_version_is_replaced"]),
    (NothingRemoved, &["the_highest_versions_are_kept", "all_shapes_count_together"]),
    (TheLowestGoes, &["the_newest_snapshot_stays", "all_shapes_count_together"]),
    (KeepsOneMore, &["the_highest_versions_are_kept"]),
    (DeletesOneShape, &["deleting_removes_all_of_an_aggregate"]),
    (DeletesAllStores, &["deleting_removes_all_of_an_aggregate"]),
    (SecondsOnly, &["timestamps_are_stored"]),
    (RewritesLost, &["rewrite_counts_are_stored"]),
    (LargeCut, &["large_states_are_kept_or_refused"]),
    (StateAsFloats, &["any_json_value_is_a_state"]),
    (InTwoSteps, &["many_put_and_clean_up", "the_same_version_is_put_by_many"]),
    (VersionsWrap, &["great_versions_are_kept_or_refused"]),
];

#[test]
fn every_fault_is_found_and_only_the_fault() {
    let mut wrong = Vec::new();
    for (fault, found_by) in FOUND_BY {
        for name in *found_by {
            if check(name, *fault) {
                wrong.push(format!("{name} passes despite {fault:?}"));
            }
            if !check(name, None) {
                wrong.push(format!("{name} fails without any fault"));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

/// Returns whether the behavior passes for an adapter with this fault.
fn check(name: &str, fault: Fault) -> bool {
    let behavior = BEHAVIORS.iter().find(|behavior| behavior.name == name);
    let behavior = behavior.unwrap_or_else(|| panic!("no behavior {name}"));
    // To find a race, several attempts may be necessary.
    let attempts = if fault == None { 1 } else { 10 };
    (0..attempts).all(|_| catch_unwind(AssertUnwindSafe(|| behavior.check(&Factory(fault)))).is_ok())
}

struct Factory(Fault);

#[async_trait]
impl SnapshotFactory for Factory {
    async fn fresh(&self) -> FreshSnapshots {
        FreshSnapshots::new(Faulty { inner: JsonSnapshots::default(), fault: self.0 })
    }
}

#[derive(Debug)]
struct Faulty {
    inner: JsonSnapshots,
    fault: Fault,
}

impl Faulty {
    fn key(&self, key: &SnapshotKey) -> SnapshotKey {
        let mut key = key.clone();
        match self.fault {
            ShapeIgnored => key.state_shape = 0,
            ShapeAsFloat => key.state_shape = key.state_shape as f64 as u64,
            ShapeSigned => key.state_shape = key.state_shape.min(i64::MAX as u64),
            ReducerIgnored => key.reducer_version = 1,
            StoreIgnored => key.event_store_id = "ONE",
            AggregateLowercased => key.aggregate_id = key.aggregate_id.to_lowercase(),
            KeyJoined => {
                key.aggregate_id = format!("{}#{}", key.event_store_id, key.aggregate_id);
                key.event_store_id = "ONE";
            }
            _ => {}
        }
        key
    }
}

#[async_trait]
impl SnapshotAdapter for Faulty {
    async fn latest_snapshot(
        &self,
        key: &SnapshotKey,
        max_version: Option<u64>,
    ) -> Result<Option<Snapshot>, StorageError> {
        let max_version = match self.fault {
            BoundIgnored => Option::None,
            BoundExclusive => max_version.map(|max| max.saturating_sub(1)),
            _ => max_version,
        };
        self.inner.latest_snapshot(&self.key(key), max_version).await
    }

    async fn put_snapshot(&self, key: &SnapshotKey, mut snapshot: Snapshot, keep: usize) -> Result<(), StorageError> {
        let key = self.key(key);
        let version = snapshot.version;
        let before = self.inner.latest_snapshot(&key, Some(version)).await?;
        let replaces = before.is_some_and(|before| before.version == version);
        match self.fault {
            FirstStays if replaces => return Ok(()),
            SecondsOnly => {
                let seconds = snapshot.event_timestamp.unix_millis() / 1_000 * 1_000;
                snapshot.event_timestamp = Timestamp::from_unix_millis(seconds).unwrap();
            }
            RewritesLost => snapshot.rewrites = 0,
            LargeCut if snapshot.state.get().len() > 400_000 => return Ok(()),
            StateAsFloats => {
                if let Ok(number) = snapshot.state.get().parse::<f64>() {
                    snapshot.state = serde_json::value::to_raw_value(&number).unwrap();
                }
            }
            VersionsWrap => snapshot.version &= i64::MAX as u64,
            InTwoSteps => {
                if replaces {
                    // The pause gives another writer time to write first.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                self.inner.delete_snapshots(key.event_store_id, &key.aggregate_id).await?;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            _ => {}
        }
        let keep = match self.fault {
            NothingRemoved => usize::MAX,
            KeepsOneMore => keep + 1,
            _ => keep,
        };
        self.inner.put_snapshot(&key, snapshot, keep).await?;
        if self.fault == TheLowestGoes {
            let mut aggregates = self.inner.aggregates.lock().unwrap();
            for snapshots in aggregates.values_mut() {
                while snapshots.len() > keep {
                    snapshots.pop_first();
                }
            }
        }
        Ok(())
    }

    async fn delete_snapshots(&self, store: &str, aggregate: &str) -> Result<(), StorageError> {
        let key = SnapshotKey {
            event_store_id: "POKEMONS",
            aggregate_id: aggregate.to_owned(),
            state_shape: 0x1234_5678_9abc_def0,
            reducer_version: 1,
        };
        let key = self.key(&key);
        let mut aggregates = self.inner.aggregates.lock().unwrap();
        match self.fault {
            DeletesOneShape => {
                if let Some(snapshots) = aggregates.get_mut(&(store.to_owned(), aggregate.to_owned())) {
                    snapshots.retain(|(_, shape, _), _| *shape != key.state_shape);
                }
            }
            DeletesAllStores => aggregates.retain(|(_, of), _| of != aggregate),
            StoreIgnored | KeyJoined | AggregateLowercased => {
                aggregates.remove(&(key.event_store_id.to_owned(), key.aggregate_id));
            }
            _ => {
                aggregates.remove(&(store.to_owned(), aggregate.to_owned()));
            }
        }
        Ok(())
    }
}
