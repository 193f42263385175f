//! Replays for [castore](https://docs.rs/castore): pours what event stores hold into message channels, with `replay`
//! set, so that those who ask for replays see history in the order in which it happened.
//!
//! | what | into | in the order of |
//! |---|---|---|
//! | [`pour_aggregate_events`] | notification, state-carrying | versions |
//! | [`pour_event_store_events`] | notification, state-carrying | timestamps |
//! | [`pour_event_store_collection_events`] | notification, state-carrying | timestamps, over all stores |
//! | [`pour_event_store_aggregate_ids`] | aggregate-exists | first events |
//!
//! Events are poured into notification channels as they are stored, as a relay publishes them: brokers get all fields of the
//! payload and the metadata, also fields that the Rust types do not declare. State-carrying messages and the in-memory adapters
//! carry decoded events, without undeclared fields.
//!
//! Pouring into a channel that does not carry the messages of the store does not compile.
//!
//! ```
//! # use std::num::NonZeroU32;
//! use castore::prelude::*;
//! use castore_replay::pour_event_store_collection_events;
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let storage = InMemoryEventStorageAdapter::new();
//! let pokemons = EventStore::<Pokemon>::new(storage.clone());
//! let trainers = EventStore::<Trainer>::new(storage);
//! # let appeared = PokemonEvent::Appeared { name: "Pikachu".to_owned(), level: 2 };
//! # let started = TrainerEvent::GameStarted { trainer_name: "Ash".to_owned() };
//! trainers.push_event(NewEvent::new("ash", 1, started)).await?;
//! pokemons.push_event(NewEvent::new("pikachu", 1, appeared)).await?;
//!
//! let bus = AppBus::new();
//! let in_memory = InMemoryMessageBusAdapter::attach_to(&bus);
//! // Listeners get replayed messages only if they ask for them.
//! in_memory.on(Filter::all().on_replay(true), |message, context| async move {
//!     assert!(context.replay);
//!     println!("{message:?}");
//!     Ok(())
//! });
//!
//! let poured = pour_event_store_collection_events((&pokemons, &trainers), &bus)
//!     .rate_limit(NonZeroU32::new(1_000).ok_or("no rate")?)
//!     .await?;
//! assert_eq!(poured.poured_event_count, 2);
//!
//! // Later: what has come since.
//! let mut rest = pour_event_store_collection_events((&pokemons, &trainers), &bus);
//! if let Some(point) = poured.resume_point {
//!     rest = rest.resume_from(point);
//! }
//! assert_eq!(rest.await?.poured_event_count, 0);
//! # in_memory.idle().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Order
//! By timestamp; at one timestamp by the order in which the stores are given, then as the aggregates are listed (by
//! their first event, then by id), then by version. The versions of an aggregate are never turned around: an event that
//! is dated before an earlier version counts as happening with that version. `from` and `to` are about that moment, so
//! pours of adjoining times pour everything once.
//!
//! Messages are published one at a time. A pour stops at the first failure; its [`PourError`] says how far it came.
//!
//! # Resuming
//! The answer, the error and the progress have a resume point, which serialises; a pour that resumes from it goes on
//! with the next message. What was in flight when a pour failed or was dropped may be published twice. A process that
//! may be killed keeps the point of `on_progress`.
//!
//! # Memory
//! An aggregate is read from its first event until its last, page by page. Held are `events_ahead` events at most (or
//! one event of each aggregate that has events before and after the moment that is poured, if those are more), a page
//! of the list of aggregates, and for state-carrying channels one state of each such aggregate. How many events or
//! aggregates a store has does not matter.
//!
//! # While others push
//! Events that are pushed while a pour runs may be poured or not: connect the store to a channel, or run a relay, for
//! those. Aggregates without an event of version 1 are not listed by storages, and not poured.
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
pub use collection::{EventStoreCollection, EventsOf, PourSource, events_of};
pub use pour::{
    PourAggregateEvents, PourEventStoreAggregateIds, PourEventStoreCollectionEvents, PourEventStoreEvents,
    pour_aggregate_events, pour_event_store_aggregate_ids, pour_event_store_collection_events, pour_event_store_events,
};
pub use report::{
    AfterAggregateEvent, AfterAggregateId, AfterEvent, EventStoreScan, PourError, PourFailure, PourProgress,
    PouredAggregateEvents, PouredAggregateIds, PouredCollectionEvents, PouredEvents, ScannedAggregate,
};
