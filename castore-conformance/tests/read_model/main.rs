//! Runs the kit against the reference store in memory, and against stores with deliberate faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod faulty;

use std::collections::BTreeMap;
use std::sync::Arc;

use castore_conformance::async_trait;
use castore_conformance::read_model::{
    CountedEvent, ErasedStore, FreshReadModels, NAME, ReadModelDatabase, ReadModelFactory,
};
use castore_core::consumer::HandlerError;
use castore_core::log::{EventLog, LogId};
use castore_projection::engine::ReadModelRegistry;
use castore_projection::{InMemoryProjection, InMemoryReadModels, LiveReadModel, ReadModel};

struct Counts<const VERSION: u32>;

impl<const VERSION: u32> ReadModel for Counts<VERSION> {
    const NAME: &'static str = NAME;
    const VERSION: u32 = VERSION;
    type Event = CountedEvent;
}

impl<const VERSION: u32> InMemoryProjection for Counts<VERSION> {
    type Model = BTreeMap<String, u64>;

    fn apply(&self, counts: &mut BTreeMap<String, u64>, event: &CountedEvent) -> Result<(), HandlerError> {
        *counts.entry(event.aggregate_id.clone()).or_default() += 1;
        event.outcome()
    }
}

#[derive(Default)]
struct InMemoryDatabase(InMemoryReadModels);

#[async_trait]
impl ReadModelDatabase for InMemoryDatabase {
    async fn open(&self, version: u32, log: &LogId) -> Box<dyn ErasedStore> {
        match version {
            1 => Box::new(self.0.__store(Counts::<1>, log).await.unwrap()),
            _ => Box::new(self.0.__store(Counts::<2>, log).await.unwrap()),
        }
    }

    async fn read(&self) -> BTreeMap<String, u64> {
        // Readers may use version 2. `Counts<1>` can read that version, too, because both versions have the same type
        // of model.
        (*self.0.get::<Counts<1>>().unwrap()).clone()
    }

    fn live(&self, log: Arc<dyn EventLog>) -> LiveReadModel {
        self.0.live(NAME, log)
    }

    fn registry(&self) -> Arc<dyn ReadModelRegistry> {
        Arc::new(self.0.clone())
    }

    async fn drop_version(&self, version: u32) {
        assert!(self.0.drop_version(NAME, version).unwrap());
    }
}

struct InMemory;

#[async_trait]
impl ReadModelFactory for InMemory {
    async fn fresh(&self) -> FreshReadModels {
        FreshReadModels::new(InMemoryDatabase::default())
    }
}

castore_conformance::read_model_conformance!(InMemory);
