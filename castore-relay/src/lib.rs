//! The relay of [castore](https://docs.rs/castore): use that crate, which re-exports this one.
//!
//! A relay reads the log of a storage and publishes its events on a message channel. A connected store publishes after
//! it has stored an event: if the process crashes in between, or if the broker is unavailable, the event is stored but
//! never published. A relay publishes every stored event, no matter which program has stored it: this process, another
//! one, or a program in another language.
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
//!     .start(storage, RelayStart::Beginning)
//!     .await?;
//!
//! let pushed = lamps.push_event(NewEvent::new("hall".to_owned(), 1, LampEvent::Switched)).await?;
//! if let Some(position) = pushed.position {
//!     relay.wait_for(position, Duration::from_secs(5)).await?;
//! }
//! relay.shutdown().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Guarantees
//! * **At least once.** Every event of the relay's stores after the [start position](RelayStart) is published, or its
//!   aggregate is parked and listed by [`Relay::parked`]. No event is skipped, however late its transaction commits.
//! * **Duplicates are bounded.** A message is published again if a process crashes, or loses its lease, between
//!   publishing and storing its checkpoint: at most one batch ([`RelayBuilder::batch_size`]) each time. A call of the
//!   adapter that failed or timed out is repeated, and the messages that it had already published are published twice.
//!   After a call that took longer than [`RelayBuilder::publish_timeout`], the next calls have half as many messages,
//!   down to one, so that every message that can be published within the timeout is published. Messages with the same
//!   store, aggregate and version are the same message: brokers that deduplicate drop the second one, and a consumer
//!   that must not handle a message twice uses an inbox.
//! * **First deliveries are in order** for each aggregate: version 3 is never delivered for the first time before
//!   version 2 was. Duplicates may arrive out of order: a process that was paused while publishing may resume after its
//!   lease has expired, and no lease can prevent that. There is no order between aggregates. This is the order in which
//!   the broker receives the messages. The documentation of its adapter describes the order of delivery.
//! * **One process publishes at a time.** Of all processes that run a relay of one name, one holds the lease. The
//!   others are on standby, and take over when the lease is released or has expired ([`RelayBuilder::lease`]). Two
//!   processes are enough, because more do not publish faster.
//! * **State-carrying messages carry the aggregate at the version of their event**, as it is stored when the message is
//!   published.
//! * **Events that this program cannot decode are published, too**, on notification channels whose adapter publishes
//!   stored messages unchanged. Thus an event type of a newer program does not stop the relay.
//! * Overwriting an already published event with a forced push does not publish it again.
//!
//! # Failures
//! An **outage** is a failure that may end without a change of the message: the broker is unavailable, rejects messages
//! temporarily, or does not respond in time; the channel has no adapter yet, or its adapter panics; the aggregate for a
//! state-carrying message cannot be loaded. The relay keeps its checkpoint and tries again, with a growing backoff
//! ([`RelayBuilder::outage_backoff`]). Messages that were already published are not published again.
//! [`RelayStatus::outage`] has the reason. An outage parks no aggregate.
//!
//! A message that **can never be published** parks its aggregate: the broker has rejected the message permanently, the
//! message cannot be serialized, or, for a state-carrying message, the event cannot be decoded or its reducer fails.
//! The later events of the aggregate wait in the log, and all other aggregates are published. The relay tries again
//! with a growing backoff ([`RelayBuilder::parked_backoff`]), or on request ([`Relay::retry`]). After the cause was
//! removed, the events of the aggregate are published in order. A message can be dropped ([`Relay::drop_message`]).
//! [`RelayAdmin`] does the same from another process.
//!
//! A relay whose checkpoint does not belong to its log **stops** instead of skipping events: see
//! [`RelayError::OtherLog`], [`RelayError::LogTakenBack`] and [`RelayError::LogReplaced`]. The checkpoint contains the
//! identity of the last event that was read. The relay compares this identity with the log at the start and before each
//! page is published. Thus it also detects that a log was restored or truncated while the relay runs, even if the log
//! has the same length as before.
//!
//! # One relay for each channel
//! The events of a store are published on a channel by one relay **or** by connected stores. Within a process, both
//! together are an error. Across processes this cannot be checked: before the relay starts, switch off publishing in
//! all other programs that write to the storage, including TypeScript services (use the plain event store instead of
//! the connected one). The relay publishes their events, too. Two relays of different names publish every event twice.
//!
//! # Cancellation
//! A relay that is dropped stops immediately, as in a crash: no event is lost, the lease expires, and at most one batch
//! is published twice. [`Relay::shutdown`] avoids that. The futures of all other methods may be dropped at any time.
//! [`RelayBuilder::start_with`] documents the effect of dropping its future.
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
pub use castore_runtime::event_store::PublishableOn;
pub use error::RelayError;
pub use options::RelayStart;
pub use relay::Relay;
pub use status::{RelayRole, RelayStatus};
