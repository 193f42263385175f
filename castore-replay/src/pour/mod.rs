//! The pours. Each pour is a request that is executed when awaited.

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
        /// Selects events with this timestamp or a later one.
        ///
        /// If an event has an earlier timestamp than a previous version of its aggregate, the timestamp of the previous
        /// version is used instead.
        pub fn from(mut self, timestamp: impl Into<Timestamp>) -> Self {
            self.options.from = Some(timestamp.into());
            self
        }

        /// Selects events with this timestamp or an earlier one. Aggregates whose first event is later are not scanned.
        pub fn to(mut self, timestamp: impl Into<Timestamp>) -> Self {
            self.options.to = Some(timestamp.into());
            self
        }

        /// Limits the number of messages per second, and spaces the messages evenly. The first message is published
        /// immediately. After a delay, the pour does not catch up with a burst of messages. Defaults to no limit.
        /// Requires a tokio runtime with time enabled.
        pub fn rate_limit(mut self, per_second: NonZeroU32) -> Self {
            self.options.rate_limit(per_second);
            self
        }

        /// Sets whether to only count the events that would be poured. Defaults to `false`. A dry run reads the events,
        /// but publishes nothing and ignores the rate limit.
        pub fn dry_run(mut self, dry_run: bool) -> Self {
            self.options.dry_run = dry_run;
            self
        }

        /// Sets a callback that is called after each published message, or for each counted event of a dry run.
        pub fn on_progress(mut self, callback: impl FnMut(&PourProgress<AfterEvent>) + Send + 'static) -> Self {
            self.options.on_progress = OnProgress::call(callback);
            self
        }

        /// Makes the pour continue after the last event that an earlier run has poured. If that run failed or was
        /// dropped, the message in flight may be published twice. The other options must be the same as in that run.
        /// The counts start at 0 again.
        ///
        /// The events before the resume point are read again, but not published. Events that were stored after the
        /// earlier run with a timestamp before the resume point are skipped.
        pub fn resume_from(mut self, point: AfterEvent) -> Self {
            self.options.resume_from = Some(point);
            self
        }

        /// Sets the maximum number of events in memory. Defaults to 16,384. The pour always
        /// keeps one event of each aggregate that it has begun and not finished, so it exceeds the maximum if there are
        /// more such aggregates.
        pub fn events_ahead(mut self, events: usize) -> Self {
            self.options.events_ahead = events;
            self
        }

        /// Sets the number of aggregates to list at once, at least 1. Defaults to 100.
        pub fn aggregates_per_page(mut self, aggregates: u64) -> Self {
            self.options.aggregates_per_page = aggregates.max(1);
            self
        }
    };
}

use merge_options;
