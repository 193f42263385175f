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
        let page = rest.limit(limit);
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

/// Options for reading the events of an aggregate. The default reads all events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetEventsOptions {
    /// The lowest version to read.
    pub min_version: Option<u64>,
    /// The highest version to read.
    pub max_version: Option<u64>,
    /// The maximum number of events, after the other options are applied. 0 reads no events.
    pub limit: Option<u64>,
    /// Whether the highest version comes first.
    pub reverse: bool,
}

impl GetEventsOptions {
    /// Returns the default options. Unlike `default`, this function can be called in constants.
    pub const fn new() -> Self {
        Self { min_version: None, max_version: None, limit: None, reverse: false }
    }

    /// Sets the lowest version to read.
    #[must_use]
    pub const fn min_version(mut self, min_version: u64) -> Self {
        self.min_version = Some(min_version);
        self
    }

    /// Sets the highest version to read.
    #[must_use]
    pub const fn max_version(mut self, max_version: u64) -> Self {
        self.max_version = Some(max_version);
        self
    }

    /// Sets the maximum number of events.
    #[must_use]
    pub const fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets whether the highest version comes first.
    #[must_use]
    pub const fn reverse(mut self, reverse: bool) -> Self {
        self.reverse = reverse;
        self
    }

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

/// Options for pushing events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushOptions {
    /// Whether events that have the version of a stored event replace it, instead of being rejected.
    pub force: bool,
}

impl PushOptions {
    /// Returns the default options. Unlike `default`, this function can be called in constants.
    pub const fn new() -> Self {
        Self { force: false }
    }

    /// Sets whether events replace stored events of the same version.
    #[must_use]
    pub const fn force(mut self, force: bool) -> Self {
        self.force = force;
        self
    }
}

/// The receipt for a stored event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushReceipt {
    /// The event's place in the storage's log of all events, if it keeps one. Later events have greater ones.
    pub position: Option<u64>,
}

impl PushReceipt {
    /// Creates a receipt. `position` is the position of the event in the storage's log, if it keeps one.
    pub fn new(position: Option<u64>) -> Self {
        Self { position }
    }
}

/// An event of a group, and the store that it is pushed to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GroupedRawEvent {
    /// The adapter of the event's own event store.
    pub adapter: Arc<dyn EventStorageAdapter>,
    /// The event store.
    pub event_store_id: &'static str,
    /// The event.
    pub event: RawEvent,
}

impl GroupedRawEvent {
    /// Creates an element of a group. `adapter` is the adapter of the event's own event store.
    pub fn new(adapter: Arc<dyn EventStorageAdapter>, event_store_id: &'static str, event: RawEvent) -> Self {
        Self { adapter, event_store_id, event }
    }
}

/// Options for listing the aggregates of an event store. The default lists all aggregates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListAggregateIdsOptions {
    /// The maximum number of aggregates on a page. 0 lists no aggregates.
    pub limit: Option<u64>,
    /// Lists only aggregates whose initial event happened at this time or later.
    pub initial_event_after: Option<Timestamp>,
    /// Lists only aggregates whose initial event happened at this time or earlier.
    pub initial_event_before: Option<Timestamp>,
    /// Whether the latest initial event comes first. Defaults to the order of the page token, or to the earliest first.
    pub reverse: Option<bool>,
    /// The token of the previous page.
    pub page_token: Option<String>,
}

impl ListAggregateIdsOptions {
    /// Sets the maximum number of aggregates on a page.
    #[must_use]
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Lists only aggregates whose initial event happened at this time or later.
    #[must_use]
    pub fn initial_event_after(mut self, initial_event_after: Timestamp) -> Self {
        self.initial_event_after = Some(initial_event_after);
        self
    }

    /// Lists only aggregates whose initial event happened at this time or earlier.
    #[must_use]
    pub fn initial_event_before(mut self, initial_event_before: Timestamp) -> Self {
        self.initial_event_before = Some(initial_event_before);
        self
    }

    /// Sets whether the latest initial event comes first.
    #[must_use]
    pub fn reverse(mut self, reverse: bool) -> Self {
        self.reverse = Some(reverse);
        self
    }

    /// Sets the token of the previous page.
    #[must_use]
    pub fn page_token(mut self, page_token: impl Into<String>) -> Self {
        self.page_token = Some(page_token.into());
        self
    }
}

/// A page of the aggregates of an event store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AggregateIdsPage {
    /// The aggregates.
    pub aggregates: Vec<ListedAggregate>,
    /// The token of the next page, or `None` if this page is the last one.
    pub next_page_token: Option<String>,
}

impl AggregateIdsPage {
    /// Creates the last page.
    pub fn new(aggregates: Vec<ListedAggregate>) -> Self {
        Self { aggregates, next_page_token: None }
    }

    /// Sets the token of the next page.
    #[must_use]
    pub fn next_page_token(mut self, next_page_token: Option<String>) -> Self {
        self.next_page_token = next_page_token;
        self
    }
}

/// An aggregate in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedAggregate {
    /// The id of the aggregate, as text.
    pub aggregate_id: String,
    /// The timestamp of its first event.
    pub initial_event_timestamp: Timestamp,
}

impl ListedAggregate {
    /// Creates an element of a list.
    pub fn new(aggregate_id: impl Into<String>, initial_event_timestamp: Timestamp) -> Self {
        Self { aggregate_id: aggregate_id.into(), initial_event_timestamp }
    }
}
