use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use castore_core::consumer::HandlerError;
use castore_core::event::{DecodeEventError, DecodeEventProblem};
use castore_core::log::{EventLog, LogEntry, LogId, Logged};
use castore_core::storage::{EventStorageAdapter, PushOptions, RawEvent};
use castore_core::time::Timestamp;
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

use crate::engine::{self, Applied, Checkpoint, ReadModelStore, ReadModelVersion, Retried, StoreError, Swapped};
use crate::{
    InMemoryProjection, InMemoryReadModels, OnFailure, ParkedProjectionAggregate, ProjectionOptions, ProjectionRequest,
    ReadModel, RunningProjection,
};

pub(super) const STORE: &str = "STORE";

/// A generous time limit. It does not slow down the tests, because the time is simulated.
pub(super) const SOON: Duration = Duration::from_secs(600);

/// An event whose type determines how the handler fails until the fault is removed.
pub(super) struct Seen {
    aggregate_id: String,
    version: u64,
    event_type: String,
}

impl Logged for Seen {
    fn event_store_ids() -> Vec<&'static str> {
        vec![STORE]
    }

    fn from_log(entry: &LogEntry) -> Result<Self, DecodeEventError> {
        let event = &entry.event;
        assert_ne!(&*event.event_type, "PANIC_WHILE_DECODED", "a bug of a user's type");
        if &*event.event_type == "UNDECODABLE" {
            return Err(DecodeEventError {
                event_store_id: Cow::Owned(entry.event_store_id.to_string()),
                aggregate_id: event.aggregate_id.clone(),
                version: event.version,
                event_type: event.event_type.to_string(),
                problem: DecodeEventProblem::AggregateId,
            });
        }
        let (aggregate_id, event_type) = (event.aggregate_id.clone(), event.event_type.to_string());
        Ok(Self { aggregate_id, version: event.version, event_type })
    }
}

/// A projection that counts the events of each aggregate, and rejects events that are repeated or out of order.
#[derive(Default, Clone)]
pub(super) struct Counts<const VERSION: u32 = 1> {
    pub(super) healed: Arc<AtomicBool>,
}

impl<const VERSION: u32> Counts<VERSION> {
    pub(super) fn heal(&self) {
        self.healed.store(true, Ordering::SeqCst);
    }
}

impl<const VERSION: u32> ReadModel for Counts<VERSION> {
    const NAME: &'static str = "counts";
    const VERSION: u32 = VERSION;
    type Event = Seen;
}

impl<const VERSION: u32> InMemoryProjection for Counts<VERSION> {
    type Model = BTreeMap<String, u64>;

    fn apply(&self, counts: &mut BTreeMap<String, u64>, event: &Seen) -> Result<(), HandlerError> {
        let count = counts.entry(event.aggregate_id.clone()).or_default();
        *count += 1;
        if *count != event.version {
            return Err(HandlerError::park(format!("version {} is the {count}th event", event.version)));
        }
        if self.healed.load(Ordering::SeqCst) {
            return Ok(());
        }
        match event.event_type.as_str() {
            "POISON" => Err(HandlerError::new("poison")),
            "UNPRINTABLE" => Err(HandlerError::new(Unprintable)),
            "PERMANENT" => Err(HandlerError::park("permanent")),
            "PANIC" => panic!("a bug of a handler"),
            _ => Ok(()),
        }
    }
}

/// An error whose `Display` implementation has a bug.
#[derive(Debug)]
struct Unprintable;

impl std::fmt::Display for Unprintable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("a bug in the text of an error")
    }
}

impl std::error::Error for Unprintable {}

/// The simulated outcome of a call of a store.
pub(super) enum Fault {
    None,
    Unavailable,
    Fatal,
}

/// A store whose transactions fail in the given order, before they write anything.
pub(super) struct Faulty<S> {
    inner: S,
    faults: Arc<Mutex<Vec<Fault>>>,
    closed: Arc<AtomicBool>,
}

impl<S> Faulty<S> {
    fn fault(&self) -> Result<(), StoreError> {
        match self.faults.lock().unwrap().pop() {
            None | Some(Fault::None) => Ok(()),
            Some(Fault::Unavailable) => Err(StoreError::Unavailable("no connection".into())),
            Some(Fault::Fatal) => Err(StoreError::Fatal("beyond repair".into())),
        }
    }
}

impl<S: ReadModelStore> ReadModelStore for Faulty<S> {
    const NAME: &'static str = S::NAME;
    const VERSION: u32 = S::VERSION;

    async fn apply(
        &self,
        events: Arc<[LogEntry]>,
        range: Range<usize>,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        self.fault()?;
        self.inner.apply(events, range, from, to).await
    }

    async fn park(
        &self,
        aggregate: ParkedProjectionAggregate,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        self.fault()?;
        self.inner.park(aggregate, from, to).await
    }

    async fn swap(&self, position: u64, scanned_to: u64) -> Result<Swapped, StoreError> {
        self.fault()?;
        self.inner.swap(position, scanned_to).await
    }

    async fn version(&self) -> Result<Option<ReadModelVersion>, StoreError> {
        self.inner.version().await
    }

    async fn find_parked(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StoreError> {
        self.fault()?;
        self.inner.find_parked(event_store_id, aggregate_id).await
    }

    async fn apply_parked(&self, event: LogEntry, from: u64) -> Result<Retried, StoreError> {
        self.fault()?;
        self.inner.apply_parked(event, from).await
    }

    async fn refuse_parked(&self, event: LogEntry, error: String) -> Result<(), StoreError> {
        self.inner.refuse_parked(event, error).await
    }

    async fn unpark(&self, event_store_id: &str, aggregate_id: &str, checkpoint: u64) -> Result<bool, StoreError> {
        self.fault()?;
        self.inner.unpark(event_store_id, aggregate_id, checkpoint).await
    }

    async fn requests(&self) -> Result<Vec<ProjectionRequest>, StoreError> {
        self.inner.requests().await
    }

    async fn close_request(&self, request: ProjectionRequest) -> Result<(), StoreError> {
        self.inner.close_request(request).await
    }

    async fn rebuild(&self, log_id: &LogId) -> Result<Option<ReadModelVersion>, StoreError> {
        self.fault()?;
        self.inner.rebuild(log_id).await
    }

    async fn close(self) {
        self.inner.close().await;
        self.closed.store(true, Ordering::SeqCst);
    }
}

/// The fixture of a test: a log, read models, and the faults of the stores.
#[derive(Default)]
pub(super) struct World {
    pub(super) log: InMemoryEventStorageAdapter,
    pub(super) models: InMemoryReadModels,
    pub(super) faults: Arc<Mutex<Vec<Fault>>>,
    pub(super) closed: Arc<AtomicBool>,
}

impl World {
    /// Pushes an event and returns its position.
    pub(super) async fn push(&self, aggregate_id: &str, version: u64, event_type: &str) -> u64 {
        let event = RawEvent {
            aggregate_id: aggregate_id.to_owned(),
            version,
            event_type: event_type.to_owned().into(),
            timestamp: Timestamp::from_unix_millis(0).unwrap(),
            payload: None,
            metadata: None,
        };
        self.log.push_event(STORE, event, PushOptions::default()).await.unwrap().position.unwrap()
    }

    pub(super) async fn start<P: InMemoryProjection>(
        &self,
        projection: P,
        options: ProjectionOptions,
    ) -> RunningProjection {
        let log_id = self.log.log_id().await.unwrap();
        let filter = projection.filter();
        let version = self.models.register::<P>(&log_id).unwrap();
        let inner = self.models.store(projection);
        let store = Faulty { inner, faults: Arc::clone(&self.faults), closed: Arc::clone(&self.closed) };
        engine::start(store, version, self.log.clone(), log_id, false, filter, options).await.unwrap()
    }

    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        self.models.get::<Counts>().map(|counts| (*counts).clone()).unwrap_or_default()
    }

    pub(super) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        let mut all: Vec<_> = faults.into_iter().collect();
        all.reverse();
        *self.faults.lock().unwrap() = all;
    }
}

pub(super) fn options() -> ProjectionOptions {
    ProjectionOptions::default().attempts(5).backoff(Duration::from_millis(100), Duration::from_secs(30))
}

pub(super) fn parking() -> ProjectionOptions {
    options().on_failure(OnFailure::ParkAggregate)
}

pub(super) fn map(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(id, count)| ((*id).to_owned(), *count)).collect()
}
