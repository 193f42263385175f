use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use castore_core::event::{EncodeEventError, EventDetail, encode_and_read};
use castore_core::event_sourced::EventSourced;
use castore_core::log::LogId;
use castore_core::storage::{
    AggregateIdsPage, EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, LastEvaluatedKey,
    ListAggregateIdsOptions, PageToken, PushOptions, PushReceipt, RawEvent, StorageError, StorageId,
};
use tokio::sync::watch;

use super::extensions::Extensions;
use super::relay::RelayStates;
use super::snapshot::SnapshotStates;
use super::state::{Selection, State};

/// An event storage in the memory of the process: the reference implementation for all other storage adapters, and a
/// storage for tests.
///
/// Like the SQL adapters, this adapter is also the [`EventLog`](castore_core::log::EventLog) of its events, it stores
/// the [state of relays](castore_core::relay::RelayStorageAdapter) and
/// [snapshots](castore_core::snapshot::SnapshotAdapter), and it can [delete
/// aggregates](castore_core::storage::AggregateDeletion). It can also store read models and their checkpoints: see
/// `InMemoryReadModels::in_storage` of castore-projection. Clones share all of this data. Leases expire according to
/// tokio's clock, which tests can pause.
///
/// Events are stored as JSON, as in the durable adapters, so that tests detect a payload that does not survive the
/// conversion to JSON. The first reader of an event caches the decoded event for later reads. Streams and `with_raw` do
/// not use this cache.
///
/// Unlike the in-memory adapter of the original TypeScript library, this adapter keys events by store and aggregate,
/// sorts them by version, and copies them on input and output. In the TypeScript library, event stores that share an
/// adapter share their aggregates, and a caller can change stored events.
#[derive(Clone)]
pub struct InMemoryEventStorageAdapter {
    storage_id: StorageId,
    log_id: LogId,
    state: Arc<RwLock<State>>,
    /// The last position, observed by readers of the log that wait for new events.
    last_position: Arc<watch::Sender<u64>>,
    relays: Arc<RelayStates>,
    snapshots: Arc<SnapshotStates>,
    extensions: Arc<Extensions>,
}

impl InMemoryEventStorageAdapter {
    /// Creates an empty storage.
    pub fn new() -> Self {
        Self {
            storage_id: StorageId::unique(),
            log_id: random_log_id(),
            state: Arc::default(),
            last_position: Arc::default(),
            relays: Arc::default(),
            snapshots: Arc::default(),
            extensions: Arc::default(),
        }
    }

    /// Returns the value of type `T` in this storage. The first call stores a default value. Clones of the adapter
    /// share the value.
    ///
    /// Other crates use this method to store additional data in the storage, such as the in-memory read models of
    /// castore-projection.
    pub fn extension<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.extensions.get()
    }

    /// Adds the given events. An event replaces a stored event of the same store, aggregate and version.
    ///
    /// # Errors
    /// [`EncodeEventError`] if an event cannot be stored as JSON that can be read again.
    pub fn with_events<S: EventSourced>(
        self,
        events: impl IntoIterator<Item = EventDetail<S>>,
    ) -> Result<Self, EncodeEventError> {
        let raw = events.into_iter().map(|event| encode_and_read(&event)).collect::<Result<Vec<_>, _>>()?;
        self.write(|state| {
            for event in raw {
                // The push is forced, so there is no conflict.
                let _ = state.push(S::EVENT_STORE_ID, event, PushOptions::new().force(true));
            }
        });
        Ok(self)
    }

    /// Reads the state. No user code runs while the lock is held, so the state is consistent even if the lock is
    /// poisoned.
    pub(super) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn write<T>(&self, write: impl FnOnce(&mut State) -> T) -> T {
        let (result, last_position) = {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            (write(&mut state), state.last_position())
        };
        // The notification is skipped if no reader waits, which is the case in most programs.
        if self.last_position.receiver_count() > 0 {
            self.last_position.send_replace(last_position);
        }
        result
    }

    pub(super) fn stored_log_id(&self) -> &LogId {
        &self.log_id
    }

    pub(super) fn relays(&self) -> &RelayStates {
        &self.relays
    }

    pub(super) fn snapshots(&self) -> &SnapshotStates {
        &self.snapshots
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.last_position.subscribe()
    }

    fn select(&self, event_store_id: &str, aggregate_id: &str, options: GetEventsOptions) -> Selection {
        self.read(|state| state.select(event_store_id, aggregate_id, options))
    }
}

/// Returns an id that no other log has, in this process or in another one. A checkpoint that is stored in a file or in a
/// database survives the log, so the id must not be an address, which the next log could have again.
fn random_log_id() -> LogId {
    // A `RandomState` takes its keys from the operating system, unlike `fastrand`, which a test may seed.
    let random = || RandomState::new().hash_one(());
    LogId::new(format!("in-memory:{:016x}{:016x}", random(), random()))
}

impl Default for InMemoryEventStorageAdapter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for InMemoryEventStorageAdapter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InMemoryEventStorageAdapter").finish_non_exhaustive()
    }
}

#[async_trait]
impl EventStorageAdapter for InMemoryEventStorageAdapter {
    fn storage_id(&self) -> StorageId {
        self.storage_id.clone()
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        let mut events = Vec::new();
        self.select(event_store_id, aggregate_id, options).visit(|event| {
            events.push(event.raw.clone());
            ControlFlow::Continue(())
        });
        Ok(events)
    }

    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        mut visit: EventVisitor,
    ) -> Result<(), StorageError> {
        // The visitor runs the user's reducer, so it is called outside of the lock.
        self.select(event_store_id, aggregate_id, options).visit(|event| visit(event.view()));
        Ok(())
    }

    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        let position = self.write(|state| state.push(event_store_id, event, options))?;
        Ok(PushReceipt::new(Some(position)))
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        self.write(|state| {
            if !options.force {
                state.check_group(group.iter().map(|grouped| (grouped.event_store_id, &grouped.event)), options)?;
            }
            // The group was checked as a whole. Its events may be in any order, so one of them may leave a gap that a
            // later one closes.
            let options = options.allow_gap(true);
            group
                .into_iter()
                .map(|grouped| {
                    let position = state.push(grouped.event_store_id, grouped.event, options)?;
                    Ok(PushReceipt::new(Some(position)))
                })
                .collect()
        })
    }

    async fn rewrite_count(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StorageError> {
        Ok(Some(self.read(|state| state.rewrites_of(event_store_id, aggregate_id))))
    }

    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        let asked = PageToken::resolve(&options)?;
        if !self.read(|state| state.is_sorted_in(event_store_id)) {
            self.write(|state| state.sort_in(event_store_id));
        }
        // Events that are pushed between the two locks are concurrent with this call, and may or may not be listed.
        let (aggregates, more) = self.read(|state| state.list(event_store_id, &asked));
        let next_page_token = aggregates.last().filter(|_| more).map(|last| {
            asked.next(LastEvaluatedKey {
                aggregate_id: last.aggregate_id.clone(),
                initial_event_timestamp: last.initial_event_timestamp,
            })
        });
        Ok(AggregateIdsPage::new(aggregates).next_page_token(next_page_token))
    }
}
