use std::fmt;
use std::future::IntoFuture;

use super::visit::visit_decoded;
use crate::aggregate::Fold;
use crate::event_store::{AggregateNotFoundError, EventStore, EventStoreError};
use crate::future::BoxFuture;
use crate::storage::GetEventsOptions;
use crate::{Aggregate, EventDetail, EventSourced};

/// An aggregate as it was read.
pub struct LoadedAggregate<S: EventSourced> {
    /// The state after the last event; `None` if there are no events.
    pub aggregate: Option<Aggregate<S>>,
    /// The events, by version.
    pub events: Vec<EventDetail<S>>,
    /// The last of them.
    pub last_event: Option<EventDetail<S>>,
}

/// An aggregate that exists, as it was read.
pub struct LoadedExistingAggregate<S: EventSourced> {
    /// The state after the last event.
    pub aggregate: Aggregate<S>,
    /// The events, by version.
    pub events: Vec<EventDetail<S>>,
    /// The last of them.
    pub last_event: EventDetail<S>,
}

impl<S: EventSourced + fmt::Debug> fmt::Debug for LoadedAggregate<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LoadedAggregate")
            .field("aggregate", &self.aggregate)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

impl<S: EventSourced + fmt::Debug> fmt::Debug for LoadedExistingAggregate<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LoadedExistingAggregate")
            .field("aggregate", &self.aggregate)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

/// What all requests for an aggregate know.
struct Request<S: EventSourced> {
    event_store: EventStore<S>,
    aggregate_id: S::AggregateId,
    max_version: Option<u64>,
}

impl<S: EventSourced> Request<S> {
    fn options(&self) -> GetEventsOptions {
        GetEventsOptions { max_version: self.max_version, ..GetEventsOptions::default() }
    }

    async fn state(&self) -> Result<Option<Aggregate<S>>, EventStoreError> {
        visit_decoded(&self.event_store, &self.aggregate_id, self.options(), Fold::default(), |fold, event| {
            Ok(fold.add(&event)?)
        })
        .await
        .map(Fold::into_aggregate)
    }

    async fn load(&self) -> Result<LoadedAggregate<S>, EventStoreError> {
        let start = (Fold::default(), Vec::new());
        let (fold, events) =
            visit_decoded(&self.event_store, &self.aggregate_id, self.options(), start, |(fold, events), event| {
                fold.add(&event)?;
                events.push(event.into_owned());
                Ok(())
            })
            .await?;
        Ok(LoadedAggregate { aggregate: fold.into_aggregate(), last_event: events.last().cloned(), events })
    }

    fn describe(&self, name: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct(name)
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("aggregate_id", &format_args!("{}", self.aggregate_id))
            .field("max_version", &self.max_version)
            .finish()
    }

    fn not_found(&self) -> AggregateNotFoundError {
        AggregateNotFoundError { event_store_id: S::EVENT_STORE_ID, aggregate_id: self.aggregate_id.to_string() }
    }
}

macro_rules! request {
    ($(#[$doc:meta])* $request:ident -> $output:ty, |$this:ident| $run:expr) => {
        $(#[$doc])*
        #[must_use = "nothing is read before this is awaited"]
        pub struct $request<S: EventSourced>(Request<S>);

        impl<S: EventSourced> fmt::Debug for $request<S> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.describe(stringify!($request), formatter)
            }
        }

        impl<S: EventSourced> $request<S> {
            /// The last version wanted, inclusive: the aggregate as it was then.
            pub fn max_version(mut self, max_version: u64) -> Self {
                self.0.max_version = Some(max_version);
                self
            }
        }

        impl<S: EventSourced> IntoFuture for $request<S> {
            type Output = Result<$output, EventStoreError>;
            type IntoFuture = BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(async move {
                    let $this = self.0;
                    $run
                })
            }
        }
    };
}

request! {
    /// Reads an aggregate when awaited. See [`Store::get_aggregate`](crate::Store::get_aggregate).
    GetAggregate -> LoadedAggregate<S>, |request| request.load().await
}

request! {
    /// Reads an aggregate without its events when awaited. See [`GetAggregate::without_events`].
    GetAggregateState -> Option<Aggregate<S>>, |request| request.state().await
}

request! {
    /// Reads an aggregate that must exist, when awaited. See
    /// [`Store::get_existing_aggregate`](crate::Store::get_existing_aggregate).
    GetExistingAggregate -> LoadedExistingAggregate<S>, |request| match request.load().await? {
        LoadedAggregate { aggregate: Some(aggregate), events, last_event: Some(last_event) } => {
            Ok(LoadedExistingAggregate { aggregate, events, last_event })
        }
        _ => Err(request.not_found().into()),
    }
}

request! {
    /// Reads an aggregate that must exist without its events, when awaited. See
    /// [`GetExistingAggregate::without_events`].
    GetExistingAggregateState -> Aggregate<S>, |request| match request.state().await? {
        Some(aggregate) => Ok(aggregate),
        None => Err(request.not_found().into()),
    }
}

impl<S: EventSourced> GetAggregate<S> {
    pub(in crate::event_store) fn new(event_store: EventStore<S>, aggregate_id: S::AggregateId) -> Self {
        Self(Request { event_store, aggregate_id, max_version: None })
    }

    /// Answers the aggregate alone. Each event is reduced when it is read and let go, so that an aggregate of a
    /// million events does not hold them all.
    pub fn without_events(self) -> GetAggregateState<S> {
        GetAggregateState(self.0)
    }
}

impl<S: EventSourced> GetExistingAggregate<S> {
    pub(in crate::event_store) fn new(event_store: EventStore<S>, aggregate_id: S::AggregateId) -> Self {
        Self(Request { event_store, aggregate_id, max_version: None })
    }

    /// Answers the aggregate alone. Each event is reduced when it is read and let go, so that an aggregate of a
    /// million events does not hold them all.
    pub fn without_events(self) -> GetExistingAggregateState<S> {
        GetExistingAggregateState(self.0)
    }
}
