//! Replays for [castore](https://docs.rs/castore), which publish stored events on message channels again, with the
//! `replay` flag. As in the original Castore, this is called *pouring* events into a channel. On a bus, only listeners
//! whose filters accept replays receive the messages.
//!
//! | function | messages | order |
//! |---|---|---|
//! | [`pour_aggregate_events`] | notification, state-carrying | versions |
//! | [`pour_event_store_events`] | notification, state-carrying | timestamps |
//! | [`pour_event_store_collection_events`] | notification, state-carrying | timestamps, over all stores |
//! | [`pour_event_store_aggregate_ids`] | aggregate-exists | timestamps of the first events |
//!
//! Like a relay, a pour publishes events in their stored form: brokers receive all fields of the payload and the
//! metadata, including fields that the Rust types do not declare. The in-memory adapters carry decoded events, without
//! undeclared fields.
//!
//! If the channel does not carry the messages of the store, the call is a compile error.
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
//! // Listeners receive replayed messages only if their filters accept replays.
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
//! // Later: pours the events that were stored since.
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
//! Pours of event stores publish the events in the order of their timestamps. Events with equal timestamps are poured
//! in the order of the stores in the call. Within a store, they are poured in the order of the list of aggregates (by
//! first event, then by id), and then by version. The versions of an aggregate always stay in order: if an event has an
//! earlier timestamp than a previous version of its aggregate, the timestamp of the previous version is used instead.
//! `from` and `to` are compared with this adjusted timestamp, so two pours of adjacent time ranges pour each event
//! exactly once.
//!
//! Messages are published one at a time. A pour stops at the first failure, and returns a [`PourError`] that contains
//! the result up to that point.
//!
//! # Resuming
//! The result, the error and each progress report contain a resume point, which can be serialized. A pour that resumes
//! from this point continues with the next message. If a pour failed or was dropped, the message that was in flight may
//! be published twice. If the process may be killed, store the resume point in the `on_progress` callback.
//!
//! # Memory
//! A pour reads each aggregate from its first event to its last event, page by page. The pour keeps in memory at most
//! `events_ahead` events (or one event of each open aggregate, if that is more) and one page of the list of aggregates.
//! For state-carrying channels, it also keeps one state of each open aggregate. An aggregate is open if it has events
//! both before and after the current timestamp of the pour. The memory usage does not depend on the number of events or
//! aggregates in a store.
//!
//! # Concurrent pushes
//! Events that are pushed during a pour may or may not be poured. To publish these events, connect the store to a
//! channel, or run a relay.
//!
//! Storages do not list aggregates that have no event of version 1. Pours of whole event stores skip such aggregates.
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
