//! Shared code of the tests.

mod broker;
mod counting;
mod domain;
mod replaced_log;
mod storage;

use std::time::Duration;

use castore::{InMemoryEventStorageAdapter, MessageChannel};
use castore_relay::{Relay, RelayBuilder};

pub use broker::{Broker, Delivered, Verdict};
pub use counting::CountingStorage;
pub use domain::*;
pub use replaced_log::ReplacedLog;
pub use storage::{CommitFault, FaultyState};

/// A time limit that is longer than any wait in the tests, on the paused clock.
pub const LONG: Duration = Duration::from_secs(600);

/// A storage with relay state, and its event stores.
#[derive(Clone)]
pub struct World {
    pub storage: InMemoryEventStorageAdapter,
    pub counters: castore::EventStore<Counter>,
    pub notes: castore::EventStore<Note>,
}

impl World {
    pub fn new() -> Self {
        let storage = InMemoryEventStorageAdapter::new();
        let counters = castore::EventStore::new(storage.clone());
        let notes = castore::EventStore::new(storage.clone());
        Self { storage, counters, notes }
    }

    /// Pushes the next versions of the counter `id`.
    pub async fn count(&self, id: &str, versions: std::ops::RangeInclusive<u64>) {
        for version in versions {
            count(&self.counters, id, version).await;
        }
    }

    pub async fn start<C: MessageChannel>(&self, builder: RelayBuilder<C>) -> Relay {
        let start = castore_relay::RelayStart::Beginning;
        builder.start(self.storage.clone(), start).await.unwrap()
    }
}

/// Waits until the condition holds.
pub async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..200_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("never: {what}");
}

/// Returns the names of the delivered messages, for example `a1 a2 b1`.
pub fn names(delivered: &[Delivered]) -> String {
    delivered.iter().map(Delivered::name).collect::<Vec<_>>().join(" ")
}
