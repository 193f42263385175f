use std::fmt;
use std::future::IntoFuture;
use std::num::NonZeroU32;

use castore_core::channel::Carries;
use castore_core::consumer::EventTypeOf;
use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::time::Timestamp;
use castore_runtime::event_store::Store;

use super::merge_options;
use crate::channel::TakesEvents;
use crate::collection::scan_of;
use crate::merge::{Merge, MergeOptions, StoreScan};
use crate::report::{AfterEvent, OnProgress, PourError, PourProgress, PouredEvents};

/// Returns a request that pours all events of an event store into a channel when awaited. The events are published as
/// replays, in the order of their timestamps.
///
/// Events with equal timestamps are poured in the order of the list of aggregates, then by version. The versions of an
/// aggregate always stay in order: if an earlier version has a later timestamp, the event is poured as if it had that
/// timestamp, too.
///
/// # Errors
/// The request returns a [`PourError`] at the first event that cannot be read, reduced or published, or if the resume
/// point belongs to other event stores.
///
/// # Cancellation
/// Dropping the future of the request stops the pour. The message in flight may or may not be published.
pub fn pour_event_store_events<S, T, C>(event_store: &T, message_channel: &C) -> PourEventStoreEvents<S>
where
    S: EventSourced,
    T: Store<S>,
    C: Carries<S> + TakesEvents,
{
    PourEventStoreEvents { scan: scan_of(event_store.event_store(), message_channel), options: MergeOptions::default() }
}

/// A request to pour the events of an event store, executed when awaited. See [`pour_event_store_events`].
#[must_use = "nothing is poured before this is awaited"]
pub struct PourEventStoreEvents<S: EventSourced> {
    scan: StoreScan<S>,
    options: MergeOptions,
}

impl<S: EventSourced> PourEventStoreEvents<S> {
    /// Selects an event type. Call this method again to add more types.
    pub fn event_type<T: EventTypeOf<S>>(mut self, event_type: T) -> Self {
        self.scan.add_event_type(event_type.into_event_type());
        self
    }

    merge_options!();
}

impl<S: EventSourced> IntoFuture for PourEventStoreEvents<S> {
    type Output = Result<PouredEvents, PourError<PouredEvents>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let merge = Merge::new(vec![Box::new(self.scan)], self.options);
        Box::pin(
            async move { merge.run().await.map(PouredEvents::from).map_err(|error| error.map(PouredEvents::from)) },
        )
    }
}

impl<S: EventSourced> fmt::Debug for PourEventStoreEvents<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PourEventStoreEvents")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .finish_non_exhaustive()
    }
}
