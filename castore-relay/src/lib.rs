//! The relay of [castore](https://docs.rs/castore): use that crate, which re-exports this one.
//!
//! A relay reads the log of a storage and publishes its events on a message channel. A connected store publishes after
//! it has stored; if the process dies between, or the broker is away, the event is stored and nobody hears of it. A
//! relay publishes every event that is stored, whoever stored it: this process, another, or a program in another
//! language.
//!
//! ```
//! # use castore::prelude::*;
//! # #[derive(Clone, Debug, Event)]
//! # enum LampEvent { Switched }
//! # #[derive(Clone, Debug)]
//! # #[event_store(id = "LAMPS", event = LampEvent)]
//! # struct Lamp;
//! # impl Reducer for Lamp {
//! #     fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> { Ok(Lamp) }
//! # }
//! # message_channel! { type LampBus = NotificationMessageBus<Lamp>; }
//! use std::time::Duration;
//! use castore::relay::InMemoryRelayStorageAdapter;
//! use castore_relay::{Relay, RelayStart};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let storage = InMemoryEventStorageAdapter::new();
//! let bus = LampBus::new();
//! let listener = InMemoryMessageBusAdapter::attach_to(&bus);
//! let lamps = EventStore::<Lamp>::new(storage.clone()).connect_via_relay(bus.clone());
//!
//! let relay = Relay::builder(bus)
//!     .publish(&lamps)
//!     // A durable storage keeps log and state together: `.start(storage, RelayStart::Beginning)`.
//!     .start_with(storage, InMemoryRelayStorageAdapter::new(), RelayStart::Beginning)
//!     .await?;
//!
//! let pushed = lamps.push_event(NewEvent::new("hall".to_owned(), 1, LampEvent::Switched)).await?;
//! if let Some(position) = pushed.position {
//!     relay.wait_until(position, Duration::from_secs(5)).await?;
//! }
//! relay.shutdown().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What it guarantees
//! * **At least once.** Every event of its stores is published, from where the relay [starts](RelayStart), or its
//!   aggregate is parked and can be seen ([`Relay::parked`]). Nothing is passed over, however late the transaction of
//!   an event commits.
//! * **Duplicates are bounded.** What was published is published again only if a process dies, or loses its lease,
//!   between publishing and keeping its checkpoint: at most one batch ([`RelayBuilder::batch_size`]) each time. And a
//!   call of the adapter that was answered by an error, not at all, or not in time is made again: what it published is
//!   published twice. After a call that took longer than [`RelayBuilder::publish_timeout`] the next ones have half as
//!   many messages, down to one, so that each message that fits into the time-out gets through. Messages of a store, an aggregate and a
//!   version are the same message: brokers that de-duplicate swallow it, consumers that must not repeat remember
//!   versions.
//! * **First deliveries are in order**, for each aggregate: version 3 is never delivered for the first time before
//!   version 2 was. A duplicate may come later: a process that was paused past its lease may wake up in the midst of
//!   publishing, which no lease can keep from the broker. Between aggregates there is no order. This is the order in
//!   which the broker is given the messages; what it makes of it is its adapter's to say.
//! * **One publishes at a time.** Of all processes that run a relay of one name, one holds the lease; the others stand
//!   by, and take over when it is given back or has run out ([`RelayBuilder::lease`]). Two processes are enough; more
//!   publish no faster.
//! * **State-carrying messages carry the aggregate as it was at the event**, as it is stored when it is published.
//! * **What cannot be decoded here passes through** on notification channels, if the adapter takes raw notifications:
//!   an event type that a newer program stores is no poison.
//! * A forced push of an event that was published publishes nothing.
//!
//! # When something fails
//! An **outage** is everything that heals by itself: the broker is away, refuses for now, does not answer in
//! time; the channel has no adapter (yet), or its adapter panics; the aggregate for a state-carrying message cannot be
//! loaded. The relay holds its checkpoint and tries again, less and less often ([`RelayBuilder::outage_backoff`]); it
//! publishes again only what was not published. [`RelayStatus::outage`] says what is wrong. An outage parks nothing.
//!
//! A message that **can never be published** parks its aggregate: the broker refused it for good, it cannot be written
//! as JSON, or, for a state-carrying message, the event cannot be decoded or its reducer refuses it. The
//! later events of the aggregate wait in the log, all other aggregates flow. The relay tries again, less and less often
//! ([`RelayBuilder::parked_backoff`]), or when asked to ([`Relay::retry`]); when the cause is mended the aggregate
//! catches up in order. A message can be given up ([`Relay::drop_message`]). [`RelayAdmin`] does the same from another
//! process.
//!
//! A relay whose checkpoint does not fit its log **stops**, rather than pass over events: see [`RelayError::OtherLog`]
//! and [`RelayError::LogTakenBack`].
//!
//! # One relay for each channel
//! The events of a store are published on a channel by one relay **or** by connected stores. In one process both are an
//! error; across processes nobody can see it: before the relay starts, switch off publishing in all other programs that
//! write to the storage, TypeScript services among them (give them the plain event store in place of the connected
//! one). The relay publishes their events too. Two relays of different names publish everything twice.
//!
//! # Cancellation
//! A relay that is dropped stops where it stands, which is as good as a crash: nothing is lost, the lease runs out, a
//! batch at most is published twice. [`Relay::shutdown`] avoids that. All other methods may be dropped at any time;
//! [`RelayBuilder::start`] says what it leaves behind.
#![forbid(unsafe_code)]

mod admin;
mod builder;
#[doc(hidden)]
pub mod engine;
mod error;
mod options;
mod relay;
mod run;
mod status;

pub use admin::RelayAdmin;
pub use builder::RelayBuilder;
pub use engine::PublishableOn;
pub use error::RelayError;
pub use options::RelayStart;
pub use relay::Relay;
pub use status::{RelayRole, RelayStatus};
