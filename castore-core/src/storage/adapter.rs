use std::any::Any;
use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;

use super::{EventVisitor, RawEvent, StorageError};
use crate::time::Timestamp;

/// An event storage adapter, which stores the events of event stores. Authors of storage adapters implement this trait.
///
/// In this contract, the engine is the database system behind the adapter. One adapter serves any number of event
/// stores. The same aggregate id in two stores denotes two aggregates. Types are erased: event stores encode and decode
/// the events. All methods may be called concurrently. After an adapter was shut down, its methods may return
/// [`StorageError::ShutDown`] in addition to the listed errors. If the future of a push is dropped before it completes,
/// the event (or the group) is stored completely or not at all.
///
/// The crate `castore-conformance` tests an adapter against this contract.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event storage adapter",
    label = "not an event storage adapter",
    note = "pass a storage such as `InMemoryEventStorageAdapter::new()`, or a clone of one"
)]
#[async_trait]
pub trait EventStorageAdapter: Any + Debug + Send + Sync {
    /// Returns the identity of the storage. Clones of one adapter, and adapters that share transactions (for example
    /// two tables of one database), return equal identities. All other adapters return different identities. An event
    /// group is rejected unless all its events have the same storage.
    fn storage_id(&self) -> StorageId;

    /// Returns the namespace of the events within the storage. If several adapters of one storage can use different
    /// tables, the namespace is, for example, the name of the table. Caches use the namespace to distinguish the
    /// aggregates of two tables. Defaults to an empty string.
    fn namespace(&self) -> &str {
        ""
    }

    /// Returns the events of an aggregate, ordered by version. The order is descending if `options.reverse` is set. The
    /// list is empty if the aggregate has no events.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the engine fails; [`StorageError::Corrupt`] if stored data has an unexpected format.
    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError>;

    /// Passes the events of an aggregate to `visit` one at a time, without holding all of them in memory. Stops when
    /// `visit` returns `Break`.
    ///
    /// Event stores use this method to compute aggregates. Defaults to [`visit_in_pages`](super::visit_in_pages).
    /// Adapters that can stream, or that can borrow events from the rows of their driver, should override this method.
    ///
    /// # Errors
    /// The errors of [`get_events`](Self::get_events).
    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        visit_in_pages(self, event_store_id, aggregate_id, options, visit).await
    }

    /// Stores one event. When this method returns `Ok`, the event is as durable as the engine guarantees.
    ///
    /// With [`PushOptions::force`], the event replaces a stored event of the same version, and takes over the position
    /// of that event in the log. An adapter may make the check for gaps optional, as the DynamoDB adapter does.
    ///
    /// # Errors
    /// [`StorageError::EventAlreadyExists`] if the version is taken, unless forced; [`StorageError::VersionGap`] if the
    /// version is free but does not directly follow the last version of the aggregate, unless forced or
    /// [allowed](PushOptions::allow_gap); [`StorageError::Unsupported`] if the engine cannot store the event;
    /// [`StorageError::Engine`] if the engine fails; [`StorageError::UnknownOutcome`] if it is unknown whether the
    /// event was stored.
    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError>;

    /// Stores all events of a group, or none. Event stores check that all events have the same
    /// [`storage_id`](Self::storage_id) and then call the adapter of the first event. Each event contains its own
    /// adapter, because adapters of one storage may use different tables. To access the concrete type of that adapter,
    /// convert it with `let any: &dyn Any = innermost(&*event.adapter);`, and downcast `any`.
    ///
    /// The results are in the order of the group. A group may contain several versions of one aggregate, in any order.
    ///
    /// # Errors
    /// The errors of [`push_event`](Self::push_event). The errors for a conflict and for a gap name the rejected event.
    /// If some events of the group conflict and others leave a gap, the error is the conflict.
    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError>;

    /// Returns the number of times that stored events of an aggregate were replaced or removed, by any program. The
    /// count never decreases. A snapshot is valid only while the count stays the same. Returns `None` if the storage
    /// does not count rewrites. Defaults to `None`.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the engine fails.
    async fn rewrite_count(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StorageError> {
        let _ = (event_store_id, aggregate_id);
        Ok(None)
    }

    /// Returns the adapter that this adapter wraps, for code that needs the adapter of an engine. Defaults to `None`.
    /// See [`innermost`].
    fn wrapped(&self) -> Option<&dyn EventStorageAdapter> {
        None
    }

    /// Lists the aggregates of an event store, ordered by the timestamp of the initial event (the event of version 1)
    /// and then by id. The order is reversed if `options.reverse` or the page token requests it. Aggregates without an
    /// initial event are not listed.
    ///
    /// Each adapter defines its page tokens, preferably with [`PageToken`](super::PageToken). Options that are given
    /// together with a token override the options in the token.
    ///
    /// # Errors
    /// [`StorageError::InvalidPageToken`] if the page token was not created by an adapter of this kind;
    /// [`StorageError::Engine`] if the engine fails; [`StorageError::Corrupt`] if stored data has an unexpected format.
    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError>;
}

/// Returns the adapter inside all wrappers, or the given adapter if it wraps no other adapter. Converted to `&dyn Any`,
/// the result can be downcast to the adapter type of an engine.
pub fn innermost(adapter: &dyn EventStorageAdapter) -> &dyn EventStorageAdapter {
    let mut adapter = adapter;
    while let Some(wrapped) = adapter.wrapped() {
        adapter = wrapped;
    }
    adapter
}

/// Implements [`EventStorageAdapter::visit_events`] with [`get_events`](EventStorageAdapter::get_events), in pages of
/// 512 events. This function is the default implementation of that method, and is also useful for wrappers that change
/// how events are read.
///
/// # Errors
/// The errors of [`EventStorageAdapter::get_events`].
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

/// The identity of a storage. See [`EventStorageAdapter::storage_id`].
#[derive(Debug, Clone)]
pub struct StorageId(Identity);

#[derive(Debug, Clone)]
enum Identity {
    /// An identity without a name, which is compared by its address.
    Unique(Arc<()>),
    Named(Arc<str>),
}

impl StorageId {
    /// Creates an id that is unique in this process. Call this function once per adapter, and share the id with the
    /// clones of the adapter.
    pub fn unique() -> Self {
        Self(Identity::Unique(Arc::new(())))
    }

    /// Creates an id from a name, for storages that several adapters use. For example, the name may consist of the
    /// engine and the address of the database.
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

    /// Returns the options for reading the remaining events, after `taken` events were read. `version` is the version
    /// of the last event that was read. Returns `None` if no events remain.
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
    /// Whether an event replaces a stored event of the same version, instead of being rejected. Implies
    /// [`allow_gap`](Self::allow_gap).
    pub force: bool,
    /// Whether an event may leave a gap after the last version of its aggregate, instead of being rejected.
    pub allow_gap: bool,
}

impl PushOptions {
    /// Returns the default options. Unlike `default`, this function can be called in constants.
    pub const fn new() -> Self {
        Self { force: false, allow_gap: false }
    }

    /// Sets whether an event replaces a stored event of the same version. Implies [`allow_gap`](Self::allow_gap).
    #[must_use]
    pub const fn force(mut self, force: bool) -> Self {
        self.force = force;
        self
    }

    /// Sets whether an event may leave a gap after the last version of its aggregate, instead of being rejected.
    #[must_use]
    pub const fn allow_gap(mut self, allow_gap: bool) -> Self {
        self.allow_gap = allow_gap;
        self
    }

    /// Returns whether the adapter must reject an event that does not directly follow the last version of its
    /// aggregate.
    pub const fn refuses_gaps(&self) -> bool {
        !self.force && !self.allow_gap
    }
}

/// The receipt for a stored event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushReceipt {
    /// The position of the event in the log of the storage, if the storage has a log. Later events have greater
    /// positions, except for an event that replaces another event in a forced push and takes over its position.
    pub position: Option<u64>,
}

impl PushReceipt {
    /// Creates a receipt. `position` is the position of the event in the log of the storage, if the storage has a log.
    pub fn new(position: Option<u64>) -> Self {
        Self { position }
    }
}

/// An event of a group, with the id and the adapter of the event store to which the event is pushed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GroupedRawEvent {
    /// The adapter of the event's own event store.
    pub adapter: Arc<dyn EventStorageAdapter>,
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The event.
    pub event: RawEvent,
}

impl GroupedRawEvent {
    /// Creates an element of a group. `adapter` is the adapter of the event's own event store.
    pub fn new(adapter: Arc<dyn EventStorageAdapter>, event_store_id: &'static str, event: RawEvent) -> Self {
        Self { adapter, event_store_id, event }
    }

    /// Returns the error for pushing this event in a transaction of another storage. `index` is the position of the
    /// event in the push, from 0.
    pub fn stored_elsewhere(&self, index: usize) -> StorageError {
        StorageError::OtherStorage {
            index,
            event_store_id: self.event_store_id.to_owned(),
            stored_in: self.adapter.storage_id().to_string(),
        }
    }
}

/// Options for listing the aggregates of an event store. The default lists all aggregates. The initial event of an
/// aggregate is its event of version 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListAggregateIdsOptions {
    /// The maximum number of aggregates on a page. 0 lists no aggregates.
    pub limit: Option<u64>,
    /// The earliest time of the initial event. Aggregates whose initial event happened before this time are not listed.
    pub initial_event_after: Option<Timestamp>,
    /// The latest time of the initial event. Aggregates whose initial event happened after this time are not listed.
    pub initial_event_before: Option<Timestamp>,
    /// Whether the aggregate with the latest initial event comes first. Defaults to the order in the page token, or to
    /// `false` if there is no page token.
    pub reverse: Option<bool>,
    /// The [`next_page_token`](AggregateIdsPage::next_page_token) of the previous page. `None` lists the first page.
    pub page_token: Option<String>,
}

impl ListAggregateIdsOptions {
    /// Sets the maximum number of aggregates on a page.
    #[must_use]
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets the earliest time of the initial event. Aggregates whose initial event happened before this time are not
    /// listed.
    #[must_use]
    pub fn initial_event_after(mut self, initial_event_after: Timestamp) -> Self {
        self.initial_event_after = Some(initial_event_after);
        self
    }

    /// Sets the latest time of the initial event. Aggregates whose initial event happened after this time are not
    /// listed.
    #[must_use]
    pub fn initial_event_before(mut self, initial_event_before: Timestamp) -> Self {
        self.initial_event_before = Some(initial_event_before);
        self
    }

    /// Sets whether the aggregate with the latest initial event comes first.
    #[must_use]
    pub fn reverse(mut self, reverse: bool) -> Self {
        self.reverse = Some(reverse);
        self
    }

    /// Sets the page token: the [`next_page_token`](AggregateIdsPage::next_page_token) of the previous page.
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
    /// The timestamp of the aggregate's event of version 1.
    pub initial_event_timestamp: Timestamp,
}

impl ListedAggregate {
    /// Creates an element of a list.
    pub fn new(aggregate_id: impl Into<String>, initial_event_timestamp: Timestamp) -> Self {
        Self { aggregate_id: aggregate_id.into(), initial_event_timestamp }
    }
}
