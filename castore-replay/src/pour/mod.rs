//! The pours, each a request that works when it is awaited.

mod aggregate_events;
mod aggregate_ids;
mod collection_events;
mod store_events;

pub use aggregate_events::{PourAggregateEvents, pour_aggregate_events};
pub use aggregate_ids::{PourEventStoreAggregateIds, pour_event_store_aggregate_ids};
pub use collection_events::{PourEventStoreCollectionEvents, pour_event_store_collection_events};
pub use store_events::{PourEventStoreEvents, pour_event_store_events};

/// The options of the pours that merge events by timestamp.
macro_rules! merge_options {
    () => {
        /// Only events that happened then or later.
        ///
        /// An event that is dated before an earlier version of its aggregate counts as happening with that version.
        pub fn from(mut self, timestamp: impl Into<Timestamp>) -> Self {
            self.options.from = Some(timestamp.into());
            self
        }

        /// Only events that happened then or earlier. Aggregates that begin later are not scanned.
        pub fn to(mut self, timestamp: impl Into<Timestamp>) -> Self {
            self.options.to = Some(timestamp.into());
            self
        }

        /// How many messages to publish in a second at most, evenly spaced. The first goes at once; after a stall there
        /// is no burst to catch up. Needs a tokio runtime with time enabled.
        pub fn rate_limit(mut self, per_second: NonZeroU32) -> Self {
            self.options.rate_limit(per_second);
            self
        }

        /// Calls `callback` after each message that was published.
        pub fn on_progress(mut self, callback: impl FnMut(&PourProgress<AfterEvent>) + Send + 'static) -> Self {
            self.options.on_progress = OnProgress::call(callback);
            self
        }

        /// Goes on after the last event of an earlier run, without gaps or repeats. The other options are to be those
        /// of that run; counts start again.
        ///
        /// The events before that point are read again, but not published. Those that came into the store since, dated
        /// before it, are left out.
        pub fn resume_from(mut self, point: AfterEvent) -> Self {
            self.options.resume_from = Some(point);
            self
        }

        /// How many events to hold at most, 16 384 unless told: what bounds the memory. If more aggregates than that
        /// have events before and after the moment that is being poured, one event of each is held nevertheless.
        pub fn events_ahead(mut self, events: usize) -> Self {
            self.options.events_ahead = events;
            self
        }

        /// How many aggregates to list at once, at least 1; 100 unless told.
        pub fn aggregates_per_page(mut self, aggregates: u64) -> Self {
            self.options.aggregates_per_page = aggregates.max(1);
            self
        }
    };
}

use merge_options;
