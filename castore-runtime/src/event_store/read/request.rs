//! The parts that all requests for an aggregate have in common.

use std::fmt;

use castore_core::aggregate::{Aggregate, Fold};
use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;
use castore_core::event_store::{AggregateNotFoundError, EventStoreError};
use castore_core::storage::GetEventsOptions;

use super::visit::visit_decoded;
use super::within::{Collect, Read};
use super::{AggregateSinceSnapshot, LoadedAggregate, LoadedExistingAggregate, since_snapshot};
use crate::event_store::EventStore;

/// The intermediate result of a read: the aggregate up to the last event that was read, and the events.
pub(super) type WithEvents<S> = (Fold<S>, Vec<EventDetail<S>>);

pub(super) fn existing<S: EventSourced>(
    found: LoadedAggregate<S>,
    id: &S::AggregateId,
) -> Result<LoadedExistingAggregate<S>, EventStoreError> {
    match found {
        LoadedAggregate { aggregate: Some(aggregate), events, last_event: Some(last_event) } => {
            Ok(LoadedExistingAggregate { aggregate, events, last_event })
        }
        _ => Err(not_found::<S>(id)),
    }
}

pub(super) fn existing_state<S: EventSourced>(
    found: Option<Aggregate<S>>,
    id: &S::AggregateId,
) -> Result<Aggregate<S>, EventStoreError> {
    found.ok_or_else(|| not_found::<S>(id))
}

pub(super) fn not_found<S: EventSourced>(id: &S::AggregateId) -> EventStoreError {
    AggregateNotFoundError { event_store_id: S::EVENT_STORE_ID, aggregate_id: id.to_string() }.into()
}

/// The parameters that all requests for an aggregate have in common.
pub(super) struct Request<S: EventSourced> {
    pub(super) event_store: EventStore<S>,
    pub(super) aggregate_id: S::AggregateId,
    pub(super) max_version: Option<u64>,
}

impl<S: EventSourced> Request<S> {
    pub(super) async fn state(&self) -> Result<Option<Aggregate<S>>, EventStoreError> {
        since_snapshot::load(&self.event_store, &self.aggregate_id, self.max_version, false)
            .await
            .map(|loaded| loaded.aggregate)
    }

    pub(super) async fn since_snapshot(&self) -> Result<AggregateSinceSnapshot<S>, EventStoreError> {
        let loaded = since_snapshot::load(&self.event_store, &self.aggregate_id, self.max_version, true).await?;
        Ok(AggregateSinceSnapshot {
            aggregate: loaded.aggregate,
            snapshot_version: Some(loaded.from_version).filter(|version| *version > 0),
            events_since_snapshot: loaded.events,
        })
    }

    fn options(&self) -> GetEventsOptions {
        let mut options = GetEventsOptions::default();
        options.max_version = self.max_version;
        options
    }

    pub(super) async fn load(&self) -> Result<LoadedAggregate<S>, EventStoreError> {
        let start: WithEvents<S> = Default::default();
        let add = <WithEvents<S> as Collect<S>>::add;
        let collected = visit_decoded(&self.event_store, &self.aggregate_id, self.options(), start, add).await?;
        Ok(collected.finish())
    }

    pub(super) fn into_read(self) -> Read<S> {
        let options = self.options();
        Read { event_store: self.event_store, aggregate_id: self.aggregate_id, options }
    }

    pub(super) fn describe(&self, name: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct(name)
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("aggregate_id", &format_args!("{}", self.aggregate_id))
            .field("max_version", &self.max_version)
            .finish()
    }
}

/// Declares a type of request for an aggregate. `$run` is the expression that is evaluated when the request is awaited.
macro_rules! request {
    ($(#[$doc:meta])* $request:ident -> $output:ty, |$this:ident| $run:expr) => {
        $(#[$doc])*
        #[must_use = "nothing is read before this is awaited"]
        pub struct $request<S: EventSourced>(pub(super) Request<S>);

        impl<S: EventSourced> fmt::Debug for $request<S> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.describe(stringify!($request), formatter)
            }
        }

        impl<S: EventSourced> $request<S> {
            /// Sets the last version to read, inclusive: the result is the aggregate as of that version.
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
pub(super) use request;
