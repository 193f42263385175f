use std::fmt;
use std::future::IntoFuture;
use std::num::NonZeroU32;

use castore_core::future::BoxFuture;
use castore_core::time::Timestamp;

use super::merge_options;
use crate::channel::TakesEvents;
use crate::collection::EventStoreCollection;
use crate::merge::{Merge, MergeOptions, Scan};
use crate::report::{AfterEvent, OnProgress, PourError, PourProgress, PouredCollectionEvents};

/// Returns a request that pours all events of several event stores into a channel when awaited. The events are
/// published as replays, in the order of their timestamps.
///
/// `event_stores` is a tuple. Each element is a reference to an event store, or the result of
/// [`events_of`](crate::events_of), which selects some event types of a store. Events with equal timestamps are poured
/// in the order of the tuple, and within a store as in [`pour_event_store_events`](crate::pour_event_store_events).
///
/// # Errors
/// The request returns a [`PourError`] at the first event that cannot be read, reduced or published, or if the resume
/// point belongs to other event stores.
///
/// # Cancellation
/// Dropping the future of the request stops the pour. The message in flight may or may not be published.
pub fn pour_event_store_collection_events<G, C>(event_stores: G, message_channel: &C) -> PourEventStoreCollectionEvents
where
    C: TakesEvents,
    G: EventStoreCollection<C>,
{
    let scans = event_stores.__scans(message_channel).into_iter().map(|scan| scan.0).collect();
    PourEventStoreCollectionEvents { scans, options: MergeOptions::default() }
}

/// A request to pour the events of several event stores, executed when awaited. See
/// [`pour_event_store_collection_events`].
#[must_use = "nothing is poured before this is awaited"]
pub struct PourEventStoreCollectionEvents {
    scans: Vec<Box<dyn Scan>>,
    options: MergeOptions,
}

impl PourEventStoreCollectionEvents {
    merge_options!();
}

impl IntoFuture for PourEventStoreCollectionEvents {
    type Output = Result<PouredCollectionEvents, PourError<PouredCollectionEvents>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(Merge::new(self.scans, self.options).run())
    }
}

impl fmt::Debug for PourEventStoreCollectionEvents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event_store_ids: Vec<_> = self.scans.iter().map(|scan| scan.event_store_id()).collect();
        formatter
            .debug_struct("PourEventStoreCollectionEvents")
            .field("event_store_ids", &event_store_ids)
            .finish_non_exhaustive()
    }
}
