use std::fmt;
use std::future::{Future, IntoFuture};
use std::sync::{Arc, PoisonError, RwLock};

use castore_core::aggregate::Aggregate;
use castore_core::consumer::HandlerError;
use castore_core::event_sourced::EventSourced;
use castore_core::event_store::{AggregateSource, EventStoreError};
use castore_core::future::BoxFuture;
use castore_core::storage::{EventStorageAdapter, UndefinedEventStorageAdapterError};
use castore_core::time::{Clock, SystemClock, Timestamp};

use super::PushedEvent;
use super::after_push::Publishers;
use super::background::BackgroundPushes;
use super::store::Store;
use crate::snapshot::{SnapshotOwner, Snapshots};

/// The event store of the domain type `S`: all its aggregates, in a storage.
///
/// Its operations are those of [`Store`]. Clones are the same store: setting the storage adapter or the hook on one
/// sets it on all, and on the stores that were connected from it.
#[must_use = "an event store does nothing by itself"]
pub struct EventStore<S: EventSourced> {
    settings: Arc<RwLock<Arc<Settings<S>>>>,
    background: BackgroundPushes,
}

type Hook<S> = Arc<dyn Fn(PushedEvent<S>) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;

/// Replaced as a whole when one is set, so that an operation takes them all at once, and sees one moment of them.
pub(in crate::event_store) struct Settings<S: EventSourced> {
    adapter: Option<Arc<dyn EventStorageAdapter>>,
    on_event_pushed: Option<Hook<S>>,
    /// Those that are asked first, first.
    snapshots: Vec<Snapshots<S>>,
    clock: Arc<dyn Clock>,
    refuses_unsafe_integers: bool,
}

impl<S: EventSourced> Settings<S> {
    /// Whether to refuse events with integers that JavaScript cannot read.
    pub(super) fn refuses_unsafe_integers(&self) -> bool {
        self.refuses_unsafe_integers
    }

    /// The storage adapter, which an operation cannot do without.
    pub(super) fn adapter(&self) -> Result<&Arc<dyn EventStorageAdapter>, UndefinedEventStorageAdapterError> {
        self.adapter
            .as_ref()
            .ok_or_else(|| UndefinedEventStorageAdapterError { event_store_id: S::EVENT_STORE_ID.to_owned() })
    }

    pub(super) fn snapshots(&self) -> &[Snapshots<S>] {
        &self.snapshots
    }

    /// Removes the snapshots of an aggregate that was rewritten. Storages that can tell that themselves make them
    /// useless as well, also those that others keep.
    pub(super) async fn forget_snapshots(&self, aggregate_id: &S::AggregateId) {
        let (Some(adapter), false) = (&self.adapter, self.snapshots.is_empty()) else { return };
        let (storage_id, id) = (adapter.storage_id(), aggregate_id.to_string());
        let owner = SnapshotOwner { storage_id: &storage_id, table: adapter.namespace(), aggregate_id, id: &id };
        for layer in &self.snapshots {
            layer.place.forget(&owner).await;
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn on_event_pushed(&self) -> Option<&Hook<S>> {
        self.on_event_pushed.as_ref()
    }
}

impl<S: EventSourced> Clone for Settings<S> {
    fn clone(&self) -> Self {
        Self {
            adapter: self.adapter.clone(),
            on_event_pushed: self.on_event_pushed.clone(),
            snapshots: self.snapshots.clone(),
            clock: self.clock.clone(),
            refuses_unsafe_integers: self.refuses_unsafe_integers,
        }
    }
}

impl<S: EventSourced> EventStore<S> {
    /// An event store in a storage.
    pub fn new(adapter: impl EventStorageAdapter) -> Self {
        let event_store = Self::without_adapter();
        event_store.set_event_storage_adapter(Some(Arc::new(adapter)));
        event_store
    }

    /// An event store that gets its storage adapter later: until then its operations fail with
    /// [`UndefinedEventStorageAdapterError`].
    pub fn without_adapter() -> Self {
        let settings = Settings {
            adapter: None,
            on_event_pushed: None,
            snapshots: Vec::new(),
            clock: Arc::new(SystemClock),
            refuses_unsafe_integers: false,
        };
        Self { settings: Arc::new(RwLock::new(Arc::new(settings))), background: BackgroundPushes::default() }
    }

    /// Takes the timestamps of events from `clock`.
    pub fn with_clock(self, clock: impl Clock) -> Self {
        let clock = Arc::new(clock);
        self.change(|settings| settings.clock = clock);
        self
    }

    /// Refuses events whose payload or metadata has an integer beyond 2^53 - 1, or below the negative of it, with
    /// [`PushEventError::UnsafeInteger`](super::PushEventError::UnsafeInteger).
    ///
    /// A JavaScript number does not hold such integers exactly: a program in TypeScript that reads the event from Postgres or
    /// from a message gets the nearest number without an error, and one that reads it from DynamoDB gets a `BigInt`, which
    /// `JSON.stringify` refuses. Use this option if programs in TypeScript read the events, and write larger integers as
    /// strings. By default they are stored.
    pub fn refuse_unsafe_integers(self) -> Self {
        self.change(|settings| settings.refuses_unsafe_integers = true);
        self
    }

    /// Loads aggregates from snapshots on, and takes snapshots when aggregates are loaded.
    ///
    /// Requests that answer no events before a snapshot use them: `get_aggregate(id).without_events()`,
    /// `get_aggregate(id).since_snapshot()`, and the same of an existing aggregate. A snapshot of another shape of the
    /// state or of another reducer version, a damaged one, and one whose events have been rewritten since, is not used.
    ///
    /// A place for snapshots serves one event storage: two storages that have stores and aggregates of the same names
    /// need two. (In memory they are told apart.)
    ///
    /// Where the storage cannot tell rewrites, snapshots are passed over, unless they are
    /// [asked for all the same](Snapshots::allow_without_rewrite_counts).
    ///
    /// Given twice, both keep snapshots, and the first is asked first: a cache in memory, say, before a storage.
    pub fn with_snapshots(self, snapshots: Snapshots<S>) -> Self {
        self.change(|settings| settings.snapshots.push(snapshots));
        self
    }

    /// Sets, swaps or takes away the storage adapter, of this store and of all that were cloned or connected from it.
    pub fn set_event_storage_adapter(&self, adapter: Option<Arc<dyn EventStorageAdapter>>) {
        self.change(|settings| settings.adapter = adapter);
    }

    /// The storage adapter.
    pub fn event_storage_adapter(&self) -> Option<Arc<dyn EventStorageAdapter>> {
        self.settings().adapter.clone()
    }

    /// Calls `hook` after each event that is stored, before it is published, and awaits it. A group calls it for each
    /// of its events. If it fails, the push answers that the event is stored, with the hook's error. Setting another
    /// takes its place; a hook that does nothing is `|_| async { Ok(()) }`.
    pub fn on_event_pushed<F, Fut>(&self, hook: F)
    where
        F: Fn(PushedEvent<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let hook: Hook<S> = Arc::new(move |pushed| Box::pin(hook(pushed)));
        self.change(|settings| settings.on_event_pushed = Some(hook));
    }

    /// The number of pushes that run in the background because their futures were dropped. See
    /// [`Store::push_event`].
    pub fn background_pushes(&self) -> usize {
        self.background.running()
    }

    pub(super) fn background(&self) -> &BackgroundPushes {
        &self.background
    }

    /// The settings at this moment. No user code runs under the lock, so a poisoned one guards settings that are whole.
    pub(super) fn settings(&self) -> Arc<Settings<S>> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Settings<S>)) {
        let before = {
            let mut place = self.settings.write().unwrap_or_else(PoisonError::into_inner);
            let mut settings = Settings::clone(&place);
            change(&mut settings);
            std::mem::replace(&mut *place, Arc::new(settings))
        };
        // An adapter or a hook may own anything, so it is not dropped under the lock.
        drop(before);
    }
}

impl<S: EventSourced> Store<S> for EventStore<S> {
    fn event_store(&self) -> &EventStore<S> {
        self
    }

    fn __publishers(&self) -> Publishers<S> {
        Publishers::none()
    }
}

impl<S: EventSourced> AggregateSource<S> for EventStore<S> {
    fn load_aggregate(
        &self,
        aggregate_id: &S::AggregateId,
        version: u64,
    ) -> BoxFuture<'static, Result<Aggregate<S>, EventStoreError>> {
        let request = self.get_existing_aggregate(aggregate_id).max_version(version).without_events();
        request.into_future()
    }
}

impl<S: EventSourced> Clone for EventStore<S> {
    fn clone(&self) -> Self {
        Self { settings: self.settings.clone(), background: self.background.clone() }
    }
}

impl<S: EventSourced> Default for EventStore<S> {
    fn default() -> Self {
        Self::without_adapter()
    }
}

impl<S: EventSourced> fmt::Debug for EventStore<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventStore")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("event_storage_adapter", &self.event_storage_adapter())
            .finish()
    }
}
