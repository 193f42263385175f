//! The relay of [castore](https://docs.rs/castore): use that crate, which re-exports this one.
//!
//! A relay reads the event log of a storage and publishes the events on a message channel. A store that is connected
//! with `connect`, by contrast, publishes each event itself, after it has stored the event. If the process crashes in
//! between, or if the broker is unavailable, the event is stored but never published. A relay publishes every event of
//! its stores, no matter which program has stored the event: this process, another process, or a program in another
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
//! * **At least once.** Every event of the relay's stores after the [start position](RelayStart) is published, or the
//!   aggregate of the event is parked and listed by [`Relay::parked`]. No event is skipped, however late its
//!   transaction commits, unless you drop its message ([`Relay::drop_message`]).
//! * **Duplicates are bounded.** If a process crashes or loses its lease after publishing and before storing its
//!   checkpoint, messages are published again: at most one batch ([`RelayBuilder::batch_size`]) each time. A call of
//!   the adapter that failed or timed out is repeated, and the messages that the call had already published are
//!   published twice. After a call that took longer than [`RelayBuilder::publish_timeout`], the next call has half as
//!   many messages, down to one. Therefore, a call that is too large for the timeout is not repeated forever. Messages
//!   with the same store, aggregate and version are the same message. Brokers that deduplicate drop the second one. A
//!   consumer that must not handle a message twice uses an inbox.
//! * **The broker first receives the messages of each aggregate in order**: it never receives version 3 for the first
//!   time before it has received version 2. Duplicates may be out of order: a process that was paused while publishing
//!   may resume after its lease has expired, and no lease can prevent that. There is no order between aggregates. The
//!   documentation of the channel's adapter describes the order in which the broker delivers the messages.
//! * **One process publishes at a time.** Of all processes that run a relay with the same name, one holds the lease.
//!   The other processes are on standby. When the lease is released or has expired ([`RelayBuilder::lease`]), one of
//!   them takes over. Two processes are enough, because more processes do not publish faster.
//! * **State-carrying messages carry the aggregate at the version of their event**, built from the events that are
//!   stored when the message is published.
//! * **Events that this program cannot decode are published, too**, on notification channels whose adapter publishes
//!   stored messages unchanged. Therefore, event types that a newer program has added do not stop the relay.
//! * Overwriting an already published event with a forced push does not publish it again.
//!
//! # Failures
//! An **outage** is a failure that may end without a change to the message. The broker may be unavailable, reject
//! messages temporarily, or not respond in time. The channel may have no adapter yet, or its adapter may panic. The
//! storage may fail or not respond in time when the relay loads the aggregate for a state-carrying message. During an
//! outage, the relay keeps its checkpoint and tries again, with a growing backoff ([`RelayBuilder::outage_backoff`]).
//! Messages whose publication the adapter has confirmed are not published again. [`RelayStatus::outage`] contains the
//! reason. An outage parks no aggregate.
//!
//! A message that **can never be published** parks its aggregate. The broker has rejected such a message permanently,
//! or the message cannot be serialized. A state-carrying message can also never be published if its aggregate cannot be
//! built, for example because the event cannot be decoded or the reducer fails. The later events of the aggregate wait
//! in the log, and the events of all other aggregates are published. The relay tries again with a growing backoff
//! ([`RelayBuilder::parked_backoff`]), or on request ([`Relay::retry`]). After the cause has been removed, the events
//! of the aggregate are published in order. If the cause cannot be removed, drop the message ([`Relay::drop_message`]).
//! [`RelayAdmin`] has the same methods for other processes.
//!
//! A relay whose checkpoint does not belong to its log **stops** instead of skipping events: see
//! [`RelayError::OtherLog`], [`RelayError::LogTakenBack`] and [`RelayError::LogReplaced`]. The checkpoint contains the
//! identity of the last event that was read. The relay compares this identity with the log when it starts, and before
//! it publishes each page. Therefore, the relay also detects that the log was restored or truncated while the relay was
//! running, even if the log has the same length as before.
//!
//! # One relay for each channel
//! Publish the events of a store on a channel with one relay **or** with stores that are connected with `connect`.
//! Using both in one process is an error. The library cannot check this across processes. Before the relay starts,
//! switch off publishing in all other programs that write to the storage. This includes TypeScript services: use the
//! plain event store there instead of the connected one. The relay publishes the events of these programs, too. Two
//! relays with different names publish every event twice.
//!
//! # Cancellation
//! A relay whose last handle is dropped stops immediately, as in a crash: no event is lost, the lease expires, and at
//! most one batch is published twice. [`Relay::shutdown`] avoids the duplicates and releases the lease. The futures of
//! all methods may be dropped at any time. [`RelayBuilder::start_with`] and [`Relay::shutdown`] document the effect of
//! dropping their futures.
#![forbid(unsafe_code)]

mod admin;
mod builder;
#[doc(hidden)]
pub mod engine;
mod error;
mod observed;
mod options;
mod relay;
mod run;
mod start;
mod status;

pub use admin::RelayAdmin;
pub use builder::RelayBuilder;
pub use castore_runtime::event_store::PublishableOn;
pub use error::RelayError;
pub use options::RelayStart;
pub use relay::Relay;
pub use start::{RelayedStorage, StartRelay};
pub use status::{RelayRole, RelayStatus};
