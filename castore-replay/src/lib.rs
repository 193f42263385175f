//! Replays for [castore](https://docs.rs/castore): pours what event stores hold into message channels, with
//! `replay` set, so that listeners that ask for replays see history as they would have seen it live.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod channel;
mod collection;
mod merge;
mod pour;
mod rate;
mod report;

pub use channel::{TakesAggregateIds, TakesEvents};
#[doc(hidden)]
pub use collection::ErasedScan;
pub use collection::{EventStoreCollection, EventsOf, PouredInto, events_of};
pub use pour::{
    PourAggregateEvents, PourEventStoreAggregateIds, PourEventStoreCollectionEvents, PourEventStoreEvents,
    pour_aggregate_events, pour_event_store_aggregate_ids, pour_event_store_collection_events, pour_event_store_events,
};
pub use report::{
    AfterAggregateEvent, AfterAggregateId, AfterEvent, EventStoreScan, PourError, PourFailure, PourProgress,
    PouredAggregateEvents, PouredAggregateIds, PouredCollectionEvents, PouredEvents, ScannedAggregate,
};
