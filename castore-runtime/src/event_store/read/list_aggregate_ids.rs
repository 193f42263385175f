use std::fmt;
use std::future::IntoFuture;

use castore_core::event_sourced::EventSourced;
use castore_core::event_store::EventStoreError;
use castore_core::future::BoxFuture;
use castore_core::storage::ListAggregateIdsOptions;
use castore_core::time::Timestamp;
use tracing::Instrument;

use crate::event_store::EventStore;

/// A page of a list of aggregates.
#[non_exhaustive]
pub struct AggregateIds<S: EventSourced> {
    /// The aggregates of the page, in the order of the list.
    pub aggregate_ids: Vec<ListedAggregateId<S>>,
    /// The token of the next page, for [`ListAggregateIds::page_token`], or `None` on the last page.
    pub next_page_token: Option<String>,
}

/// An aggregate in a list.
#[non_exhaustive]
pub struct ListedAggregateId<S: EventSourced> {
    /// The id of the aggregate.
    pub aggregate_id: S::AggregateId,
    /// The timestamp of the aggregate's first event, which has version 1.
    pub initial_event_timestamp: Timestamp,
}

/// A request that lists aggregates when awaited. See
/// [`Store::list_aggregate_ids`](crate::event_store::Store::list_aggregate_ids).
#[must_use = "nothing is read before this is awaited"]
pub struct ListAggregateIds<S: EventSourced> {
    event_store: EventStore<S>,
    options: ListAggregateIdsOptions,
}

impl<S: EventSourced> ListAggregateIds<S> {
    pub(in crate::event_store) fn new(event_store: EventStore<S>) -> Self {
        Self { event_store, options: ListAggregateIdsOptions::default() }
    }

    /// Sets the maximum number of aggregates. With 0, no aggregates are listed.
    pub fn limit(mut self, limit: u64) -> Self {
        self.options.limit = Some(limit);
        self
    }

    /// Sets the token of the page to list. The list continues after the page that returned the token, with the options
    /// of that page. Options that are set together with the token take precedence over those options.
    pub fn page_token(mut self, page_token: impl Into<String>) -> Self {
        self.options.page_token = Some(page_token.into());
        self
    }

    /// Restricts the list to aggregates whose first event happened at this time or later.
    pub fn initial_event_after(mut self, timestamp: impl Into<Timestamp>) -> Self {
        self.options.initial_event_after = Some(timestamp.into());
        self
    }

    /// Restricts the list to aggregates whose first event happened at this time or earlier.
    pub fn initial_event_before(mut self, timestamp: impl Into<Timestamp>) -> Self {
        self.options.initial_event_before = Some(timestamp.into());
        self
    }

    /// Sets whether the aggregate with the latest first event comes first. Defaults to `false`.
    pub fn reverse(mut self, reverse: bool) -> Self {
        self.options.reverse = Some(reverse);
        self
    }

    async fn run(self) -> Result<AggregateIds<S>, EventStoreError> {
        let settings = self.event_store.settings();
        let adapter = settings.adapter()?;
        let span = tracing::debug_span!("list_aggregate_ids", event_store = S::EVENT_STORE_ID);
        let page =
            adapter.list_aggregate_ids(S::EVENT_STORE_ID, self.options).instrument(span).await.map_err(|error| {
                let source = Box::new(error);
                EventStoreError::Storage { event_store_id: S::EVENT_STORE_ID, aggregate_id: None, source }
            })?;
        let listed = page.aggregates.into_iter().map(|listed| match listed.aggregate_id.parse() {
            Ok(aggregate_id) => {
                Ok(ListedAggregateId { aggregate_id, initial_event_timestamp: listed.initial_event_timestamp })
            }
            Err(_) => Err(EventStoreError::InvalidAggregateId {
                event_store_id: S::EVENT_STORE_ID,
                aggregate_id: listed.aggregate_id,
            }),
        });
        Ok(AggregateIds { aggregate_ids: listed.collect::<Result<_, _>>()?, next_page_token: page.next_page_token })
    }
}

impl<S: EventSourced> IntoFuture for ListAggregateIds<S> {
    type Output = Result<AggregateIds<S>, EventStoreError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<S: EventSourced> fmt::Debug for AggregateIds<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AggregateIds")
            .field("aggregate_ids", &self.aggregate_ids)
            .field("next_page_token", &self.next_page_token)
            .finish()
    }
}

impl<S: EventSourced> fmt::Debug for ListedAggregateId<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ListedAggregateId")
            .field("aggregate_id", &format_args!("{}", self.aggregate_id))
            .field("initial_event_timestamp", &self.initial_event_timestamp)
            .finish()
    }
}

impl<S: EventSourced> fmt::Debug for ListAggregateIds<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ListAggregateIds")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("options", &self.options)
            .finish()
    }
}
