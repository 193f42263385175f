use std::any::Any;
use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;

use super::{EventVisitor, RawEvent, StorageError};
use crate::time::Timestamp;

/// Keeps the events of event stores: what the author of a storage adapter implements.
///
/// One adapter serves any number of event stores; the same aggregate id in two stores is two aggregates. Types are
/// erased here: event stores encode and decode. Every method may be called from many tasks at once, and dropping a
/// future that is not finished leaves an event (or a group) either stored as a whole or not at all.
///
/// The crate `castore-conformance` tests an adapter against all of this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event storage adapter",
    label = "not an event storage adapter",
    note = "pass a storage such as `InMemoryEventStorageAdapter::new()`, or a clone of one"
)]
#[async_trait]
pub trait EventStorageAdapter: Any + Debug + Send + Sync {
    /// Which storage this is: equal for clones of one adapter and for adapters that share transactions (say, two
    /// tables of one database), different otherwise. An event group is refused unless all its events have the same.
    fn storage_id(&self) -> StorageId;

    /// Where in its storage the adapter keeps its events, if adapters of one storage may keep theirs in several places:
    /// the name of its table. Caches tell aggregates of two tables apart by it. Empty by default.
    fn namespace(&self) -> &str {
        ""
    }

    /// The events of an aggregate, by version. Unknown aggregates have none.
    ///
    /// # Errors
    /// [`StorageError::Engine`] or [`StorageError::Corrupt`].
    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError>;

    /// Passes the same events to `visit`, one at a time and without holding all of them.
    ///
    /// Event stores fold aggregates with it. The default is [`visit_in_pages`](super::visit_in_pages). An adapter that can
    /// borrow events from its driver's rows, or that can stream, is faster.
    ///
    /// # Errors
    /// As [`get_events`](Self::get_events).
    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        visit_in_pages(self, event_store_id, aggregate_id, options, visit).await
    }

    /// Stores one event. When this returns, it is stored as durably as the engine promises.
    ///
    /// With [`PushOptions::force`], an event of the same version is replaced in place, keeping its position.
    ///
    /// # Errors
    /// [`StorageError::EventAlreadyExists`] if the version is taken, unless forced; [`StorageError::Unsupported`] if
    /// the engine cannot hold the event; [`StorageError::Engine`], [`StorageError::UnknownOutcome`].
    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError>;

    /// Stores all events of a group, or none. They are of one storage (event stores check that by
    /// [`storage_id`](Self::storage_id) before they call the first event's adapter); each brings its own adapter,
    /// for adapters that keep a table of their own: `let any: &dyn Any = &*event.adapter;` can be downcast.
    ///
    /// The results are in the order of the group.
    ///
    /// # Errors
    /// As [`push_event`](Self::push_event); the conflict names the event that lost.
    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError>;

    /// Returns how often stored events of an aggregate have been replaced or removed, by any program: a number that only
    /// grows. A snapshot is valid while the number stays the same. `None`, the default, if the storage does not count.
    ///
    /// # Errors
    /// [`StorageError::Engine`].
    async fn rewrite_count(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StorageError> {
        let _ = (event_store_id, aggregate_id);
        Ok(None)
    }

    /// The aggregates of an event store, by the timestamp of their event of version 1 and then by id. Aggregates
    /// without version 1 are not listed.
    ///
    /// Page tokens are the adapter's own affair, best made with [`PageToken`](super::PageToken). Options given beside
    /// a token win over the ones inside it.
    ///
    /// # Errors
    /// [`StorageError::InvalidPageToken`], [`StorageError::Engine`] or [`StorageError::Corrupt`].
    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError>;
}

/// Implements [`EventStorageAdapter::visit_events`] with [`get_events`](EventStorageAdapter::get_events), in pages of 512
/// events. It is the default, and for wrappers that change how events are read.
///
/// # Errors
/// As [`EventStorageAdapter::get_events`].
pub async fn visit_in_pages<A: EventStorageAdapter + ?Sized>(
    adapter: &A,
    event_store_id: &str,
    aggregate_id: &str,
    options: GetEventsOptions,
    mut visit: EventVisitor,
) -> Result<(), StorageError> {
    const PAGE: u64 = 512;
    let mut rest = options;
    loop {
        let limit = rest.limit.unwrap_or(PAGE).min(PAGE);
        let page = GetEventsOptions { limit: Some(limit), ..rest };
        let events = adapter.get_events(event_store_id, aggregate_id, page).await?;
        for event in &events {
            if visit(event.as_ref()).is_break() {
                return Ok(());
            }
        }
        let Some(last) = events.last().filter(|_| events.len() as u64 == limit) else {
            return Ok(());
        };
        let Some(after) = rest.after(last.version, limit) else {
            return Ok(());
        };
        rest = after;
    }
}

/// Tells storages apart. See [`EventStorageAdapter::storage_id`].
#[derive(Debug, Clone)]
pub struct StorageId(Identity);

#[derive(Debug, Clone)]
enum Identity {
    /// Its address is what no other storage has.
    Unique(Arc<()>),
    Named(Arc<str>),
}

impl StorageId {
    /// An id that no other storage of this process has: make it with the adapter, and give it to its clones.
    pub fn unique() -> Self {
        Self(Identity::Unique(Arc::new(())))
    }

    /// An id by name, for storages that several adapters reach: say, the kind of engine and the database's address.
    pub fn named(name: impl Into<Arc<str>>) -> Self {
        Self(Identity::Named(name.into()))
    }
}

impl fmt::Display for StorageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Identity::Unique(address) => write!(formatter, "{:p}", Arc::as_ptr(address)),
            Identity::Named(name) => formatter.write_str(name),
        }
    }
}

impl PartialEq for StorageId {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Identity::Unique(one), Identity::Unique(other)) => Arc::ptr_eq(one, other),
            (Identity::Named(one), Identity::Named(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for StorageId {}

/// Which events of an aggregate to read. The default is all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GetEventsOptions {
    /// The first version wanted, inclusive.
    pub min_version: Option<u64>,
    /// The last version wanted, inclusive.
    pub max_version: Option<u64>,
    /// How many events at most, after the other options. 0 is none.
    pub limit: Option<u64>,
    /// Highest version first.
    pub reverse: bool,
}

impl GetEventsOptions {
    /// What is left to read after `taken` events of which `version` was the last; `None` if nothing can be.
    pub fn after(self, version: u64, taken: u64) -> Option<Self> {
        let limit = match self.limit {
            Some(limit) => Some(limit.checked_sub(taken).filter(|left| *left > 0)?),
            None => None,
        };
        Some(if self.reverse {
            Self { max_version: Some(version.checked_sub(1)?), limit, ..self }
        } else {
            Self { min_version: Some(version.checked_add(1)?), limit, ..self }
        })
    }
}

/// How to push.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PushOptions {
    /// Replace the events whose versions are taken, instead of refusing.
    pub force: bool,
}

/// An adapter's word that an event is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PushReceipt {
    /// The event's place in the storage's log of all events, if it keeps one. Later events have greater ones.
    pub position: Option<u64>,
}

/// One event of a group, with where it goes.
#[derive(Debug, Clone)]
pub struct GroupedRawEvent {
    /// The adapter of the event's own event store.
    pub adapter: Arc<dyn EventStorageAdapter>,
    /// The event store.
    pub event_store_id: &'static str,
    /// The event.
    pub event: RawEvent,
}

/// Which aggregates to list. The default is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAggregateIdsOptions {
    /// How many at most. 0 is none.
    pub limit: Option<u64>,
    /// Only aggregates whose initial event happened then or later.
    pub initial_event_after: Option<Timestamp>,
    /// Only aggregates whose initial event happened then or earlier.
    pub initial_event_before: Option<Timestamp>,
    /// Latest initial event first. `None`: as the page token says, else earliest first.
    pub reverse: Option<bool>,
    /// Where an earlier page ended.
    pub page_token: Option<String>,
}

/// One page of the aggregates of an event store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AggregateIdsPage {
    /// The aggregates.
    pub aggregates: Vec<ListedAggregate>,
    /// What to pass for the next page; `None` if this is the last one.
    pub next_page_token: Option<String>,
}

/// An aggregate in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAggregate {
    /// The id of the aggregate, as text.
    pub aggregate_id: String,
    /// When its event of version 1 happened.
    pub initial_event_timestamp: Timestamp,
}
