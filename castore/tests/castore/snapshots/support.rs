use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use castore::prelude::*;
use castore::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore::storage::StorageError;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Event)]
pub enum CounterEvent {
    Added { amount: u64 },
}

/// A state that depends on each event, and on the order of the events, so that a test notices a missing event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "COUNTERS", event = CounterEvent)]
pub struct Counter {
    pub digest: u64,
}

impl Reducer for Counter {
    fn reduce(counter: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let CounterEvent::Added { amount } = event.payload;
        let before = counter.map_or(7, |counter| counter.digest);
        Ok(Counter { digest: before.wrapping_mul(31).wrapping_add(amount) })
    }
}

/// The same event store in a later version of the program, which has changed the state.
pub mod changed {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[event_store(id = "COUNTERS", event = CounterEvent)]
    pub struct Counter {
        pub events: u64,
        #[serde(default)]
        pub digest: u64,
    }

    impl Reducer for Counter {
        fn reduce(counter: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Counter { events: counter.map_or(0, |counter| counter.events) + 1, digest: 0 })
        }
    }
}

/// The same event store in a later version of the program, which has changed the reducer.
pub mod mended {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[event_store(id = "COUNTERS", event = CounterEvent, reducer_version = 2)]
    pub struct Counter {
        pub digest: u64,
    }

    impl Reducer for Counter {
        fn reduce(counter: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            let CounterEvent::Added { amount } = event.payload;
            Ok(Counter { digest: counter.map_or(0, |counter| counter.digest) + amount })
        }
    }
}

pub fn added(id: &str, version: u64, amount: u64) -> NewEvent<Counter> {
    NewEvent::new(id, version, CounterEvent::Added { amount })
}

/// Pushes versions `from..=to` of aggregate `id`.
pub async fn push(counters: &impl Store<Counter>, id: &str, from: u64, to: u64) {
    for version in from..=to {
        counters.push_event(added(id, version, version)).await.unwrap();
    }
}

type Kept = BTreeMap<(&'static str, String), BTreeMap<(u64, u64, u32), Snapshot>>;

/// A snapshot store that keeps snapshots as JSON, as a database does.
#[derive(Debug, Clone, Default)]
pub struct JsonSnapshots {
    kept: Arc<Mutex<Kept>>,
    broken: Arc<Mutex<bool>>,
}

impl JsonSnapshots {
    pub fn versions(&self, id: &str) -> Vec<u64> {
        let kept = self.kept.lock().unwrap();
        let of_id = kept.iter().filter(|((_, of), _)| of == id);
        of_id.flat_map(|(_, snapshots)| snapshots.keys().map(|key| key.0)).collect()
    }

    pub fn break_down(&self) {
        *self.broken.lock().unwrap() = true;
    }

    /// Replaces the JSON of the state in every snapshot.
    pub fn overwrite(&self, text: &str) {
        for snapshot in self.kept.lock().unwrap().values_mut().flat_map(BTreeMap::values_mut) {
            snapshot.state = serde_json::value::RawValue::from_string(text.to_owned()).unwrap();
        }
    }

    fn check(&self) -> Result<(), StorageError> {
        if *self.broken.lock().unwrap() { Err(StorageError::engine("disk on fire")) } else { Ok(()) }
    }
}

#[async_trait]
impl SnapshotAdapter for JsonSnapshots {
    async fn latest_snapshot(&self, key: &SnapshotKey, max: Option<u64>) -> Result<Option<Snapshot>, StorageError> {
        self.check()?;
        let kept = self.kept.lock().unwrap();
        Ok(kept.get(&(key.event_store_id, key.aggregate_id.clone())).and_then(|of| {
            let same = |at: &&(u64, u64, u32)| (at.1, at.2) == (key.state_shape, key.reducer_version);
            let at = of.keys().rev().filter(same).find(|at| max.is_none_or(|max| at.0 <= max))?;
            of.get(at).cloned()
        }))
    }

    async fn put_snapshot(&self, key: &SnapshotKey, snapshot: Snapshot, keep: usize) -> Result<(), StorageError> {
        self.check()?;
        let mut kept = self.kept.lock().unwrap();
        let of = kept.entry((key.event_store_id, key.aggregate_id.clone())).or_default();
        let put = (snapshot.version, key.state_shape, key.reducer_version);
        of.insert(put, snapshot);
        while of.len() > keep {
            let lowest = of.keys().find(|at| **at != put).copied();
            lowest.and_then(|lowest| of.remove(&lowest));
        }
        Ok(())
    }

    async fn delete_snapshots(&self, event_store_id: &str, aggregate_id: &str) -> Result<(), StorageError> {
        self.check()?;
        self.kept.lock().unwrap().retain(|(store, id), _| !(*store == event_store_id && id == aggregate_id));
        Ok(())
    }
}
