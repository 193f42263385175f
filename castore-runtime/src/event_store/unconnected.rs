use std::fmt;
use std::future::{Future, IntoFuture};
use std::sync::{Arc, PoisonError, RwLock};

use castore_core::aggregate::Aggregate;
use castore_core::consumer::{HandlerError, HandlerState};
use castore_core::event_sourced::EventSourced;
use castore_core::event_store::{AggregateSource, EventStoreError};
use castore_core::future::BoxFuture;
use castore_core::storage::{EventStorageAdapter, UndefinedEventStorageAdapterError};
use castore_core::time::{Clock, SystemClock, Timestamp};

use super::after_push::Publishers;
use super::store::Store;
use super::{AsDeclared, PushedEvent, Unpublished};
use crate::snapshot::{SnapshotOwner, Snapshots};
use castore_core::task::TaskCounter;

/// The event store of the domain type `S`, with all aggregates of this type in one storage.
///
/// The operations are methods of the trait [`Store`]. Clones share their settings: setting the storage adapter or the
/// hook on one of them also sets it on all others, and on the stores that were connected from them.
#[must_use = "an event store does nothing by itself"]
pub struct EventStore<S: EventSourced> {
    settings: Arc<RwLock<Arc<Settings<S>>>>,
    background: TaskCounter,
}

/// The hook of an event store. See [`EventStore::on_event_pushed`].
pub type OnEventPushed<S> = Arc<dyn Fn(PushedEvent<S>) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;

/// The settings of an event store. Copy-on-write: a change replaces the `Arc`, so code that has cloned the `Arc` works
/// on a consistent set of settings.
pub(in crate::event_store) struct Settings<S: EventSourced> {
    adapter: Option<Arc<dyn EventStorageAdapter>>,
    on_event_pushed: Option<OnEventPushed<S>>,
    /// The snapshot stores, in lookup order.
    snapshots: Vec<Snapshots<S>>,
    clock: Arc<dyn Clock>,
    refuses_unsafe_integers: bool,
}

impl<S: EventSourced> Settings<S> {
    /// Returns whether to reject events with integers outside of the range in which JavaScript numbers are exact.
    pub(super) fn refuses_unsafe_integers(&self) -> bool {
        self.refuses_unsafe_integers
    }

    /// Returns the storage adapter, or an error if there is none.
    pub(super) fn adapter(&self) -> Result<&Arc<dyn EventStorageAdapter>, UndefinedEventStorageAdapterError> {
        self.adapter
            .as_ref()
            .ok_or_else(|| UndefinedEventStorageAdapterError { event_store_id: S::EVENT_STORE_ID.to_owned() })
    }

    pub(super) fn snapshots(&self) -> &[Snapshots<S>] {
        &self.snapshots
    }

    /// Deletes the snapshots of an aggregate that was rewritten. If the storage counts rewrites, its count also
    /// invalidates the snapshots, including those of other processes.
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

    pub(super) fn on_event_pushed(&self) -> Option<&OnEventPushed<S>> {
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
    /// Creates an event store that stores its events with `adapter`.
    pub fn new(adapter: impl EventStorageAdapter) -> Self {
        let event_store = Self::without_adapter();
        event_store.set_event_storage_adapter(Some(Arc::new(adapter)));
        event_store
    }

    /// Creates an event store without a storage adapter. Until an adapter is set, reads and pushes fail because of an
    /// [`UndefinedEventStorageAdapterError`].
    pub fn without_adapter() -> Self {
        let settings = Settings {
            adapter: None,
            on_event_pushed: None,
            snapshots: Vec::new(),
            clock: Arc::new(SystemClock),
            refuses_unsafe_integers: false,
        };
        Self { settings: Arc::new(RwLock::new(Arc::new(settings))), background: TaskCounter::default() }
    }

    /// Sets the clock for the timestamps of pushed events. The clock is not used for an event whose timestamp the
    /// caller has set. For a group, the clock of the first event's store is used. Defaults to the system clock.
    pub fn with_clock(self, clock: impl Clock) -> Self {
        let clock = Arc::new(clock);
        self.change(|settings| settings.clock = clock);
        self
    }

    /// Configures the store to reject events whose payload or metadata contains an integer above 2^53 - 1 or below
    /// -(2^53 - 1), with [`PushEventError::UnsafeInteger`](super::PushEventError::UnsafeInteger). By default, such
    /// events are stored.
    ///
    /// A JavaScript number cannot represent all such integers exactly. A TypeScript program that reads the event from
    /// Postgres or from a message may receive another number, without an error. A program that reads the event from
    /// DynamoDB receives a `BigInt`, which `JSON.stringify` rejects. Use this option if TypeScript programs read the
    /// events, and declare larger integers as strings.
    pub fn refuse_unsafe_integers(self) -> Self {
        self.change(|settings| settings.refuses_unsafe_integers = true);
        self
    }

    /// Enables snapshots: loads start from the latest snapshot, and new snapshots are taken while loading.
    ///
    /// Snapshots are used by requests that do not return the events before the snapshot:
    /// `get_aggregate(id).without_events()`, `get_aggregate(id).since_snapshot()`, and the same for
    /// `get_existing_aggregate`. Snapshots are ignored if they are damaged, if the shape of the state or the reducer
    /// version has changed, or if events of the aggregate have been rewritten since the snapshot was taken.
    ///
    /// Use a separate snapshot store for each event storage: two event storages must not share a snapshot store if
    /// their event stores and aggregates have the same ids. An `InMemorySnapshotAdapter` is an exception, because it
    /// distinguishes the event storages.
    ///
    /// If the storage cannot detect rewrites, snapshots are ignored, unless they are [allowed
    /// explicitly](Snapshots::allow_without_rewrite_counts).
    ///
    /// If this method is called more than once, all of the snapshot stores are used, and they are queried in the order
    /// of the calls. For example, the first one can be a cache in memory, and the second one a storage.
    pub fn with_snapshots(self, snapshots: Snapshots<S>) -> Self {
        self.change(|settings| settings.snapshots.push(snapshots));
        self
    }

    /// Sets, replaces or removes the storage adapter of this store and of all stores that were cloned or connected from
    /// it.
    pub fn set_event_storage_adapter(&self, adapter: Option<Arc<dyn EventStorageAdapter>>) {
        self.change(|settings| settings.adapter = adapter);
    }

    /// Returns the storage adapter, if there is one.
    pub fn event_storage_adapter(&self) -> Option<Arc<dyn EventStorageAdapter>> {
        self.settings().adapter.clone()
    }

    /// Sets the hook that each push calls and awaits after the event is stored, before the push publishes the event.
    /// The push of a group calls the hook for each event. If the hook fails, the push does not publish the event, and
    /// returns [`StoredButNotPublished`](super::PushEventError::StoredButNotPublished) with the hook's error. A relay
    /// does not wait for the hook, and publishes the event even if the hook fails. A new hook replaces the previous
    /// one.
    pub fn on_event_pushed<F, Fut>(&self, hook: F)
    where
        F: Fn(PushedEvent<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let hook: OnEventPushed<S> = Arc::new(move |pushed| Box::pin(hook(pushed)));
        self.change(|settings| settings.on_event_pushed = Some(hook));
    }

    /// Sets the hook like [`on_event_pushed`](Self::on_event_pushed), and passes a clone of `state` to each call. Use it
    /// for hooks that need services. The hook can be a method of a struct that takes `self: Arc<Self>`, a closure or an
    /// async closure.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use std::sync::atomic::{AtomicU64, Ordering};
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
    /// # fn example(pokemons: EventStore<Pokemon>) {
    /// let pushed_events = Arc::new(AtomicU64::new(0));
    /// pokemons.on_event_pushed_with_state(pushed_events, async |pushed_events, _| {
    ///     pushed_events.fetch_add(1, Ordering::Relaxed);
    ///     Ok(())
    /// });
    /// # }
    /// # fn main() {}
    /// ```
    pub fn on_event_pushed_with_state<T, F, Fut>(&self, state: T, hook: F)
    where
        T: HandlerState,
        F: Fn(T, PushedEvent<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.on_event_pushed(move |pushed| hook(state.clone(), pushed));
    }

    /// Returns the hook that is called after each event is stored, if there is one.
    pub fn event_pushed_hook(&self) -> Option<OnEventPushed<S>> {
        self.settings().on_event_pushed.clone()
    }

    /// Removes the hook that is called after each event is stored. A push of a single event that has already begun
    /// still calls the hook. A push of a group that has already begun does not call the hook for its remaining events.
    pub fn remove_event_pushed_hook(&self) {
        self.change(|settings| settings.on_event_pushed = None);
    }

    /// Returns the number of pushes that run in the background because their futures were dropped. See
    /// [`Store::push_event`].
    pub fn background_pushes(&self) -> usize {
        self.background.running()
    }

    pub(super) fn background(&self) -> &TaskCounter {
        &self.background
    }

    /// Returns the current settings. No user code runs while the lock is held, so the settings are consistent even if
    /// the lock is poisoned.
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
        // The previous settings are dropped outside of the lock, because dropping an adapter or a hook may run any
        // code.
        drop(before);
    }
}

impl<S: EventSourced> Store<S> for EventStore<S> {
    type Publishing = Unpublished;
    type Metadata = AsDeclared;

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
