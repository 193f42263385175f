//! Rolling deployments: two versions of a program run side by side, on one storage and one broker, until the old
//! version is replaced.
//!
//! A test declares the stores twice, in a module for each version. The test starts pods of both versions (see [`Pod`]),
//! as a container platform does, and replaces the old pods one by one while all pods push events. Then it asserts that
//! each event in the [`Journal`] was handled.
//!
//! ```
//! use std::time::Duration;
//!
//! use castore::prelude::*;
//! use castore::testing::rolling::{Pod, PodJournal, JournaledEvent, Rolling};
//!
//! # #[derive(Debug, Clone, PartialEq, Event)]
//! # pub enum CounterEvent { Counted }
//! # #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
//! # #[event_store(id = "COUNTERS", event = CounterEvent)]
//! # pub struct Counter { count: u64 }
//! # impl Reducer for Counter {
//! #     fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
//! #         Ok(Self { count: event.version })
//! #     }
//! # }
//! # message_channel! { type CounterBus = NotificationMessageBus<Counter>; }
//! /// A pod of one version. The other version is a module with its own declarations.
//! struct CounterPod {
//!     counters: ConnectedEventStore<Counter, CounterBus>,
//!     name: String,
//! }
//!
//! impl CounterPod {
//!     async fn start(storage: InMemoryEventStorageAdapter, journal: PodJournal) -> Self {
//!         let (bus, name) = (CounterBus::new(), journal.pod().to_owned());
//!         InMemoryMessageBusAdapter::attach_to(&bus).on(Filter::store::<Counter>(), move |message, _| {
//!             journal.handled(&*message);
//!             async { Ok(()) }
//!         });
//!         Self { counters: EventStore::new(storage).connect(bus), name }
//!     }
//! }
//!
//! #[castore::testing::rolling::async_trait]
//! impl Pod for CounterPod {
//!     async fn push(&self, number: u64) -> JournaledEvent {
//!         let event = NewEvent::new(format!("{}-{number}", self.name), 1, CounterEvent::Counted);
//!         let pushed = self.counters.push_event(event).await.expect("a push");
//!         JournaledEvent::of(&pushed.event)
//!     }
//!
//!     async fn stop(&self) {}
//! }
//!
//! # #[tokio::main] async fn main() {
//! // The pods share the storage, and the broker if there is one.
//! let mut rolling = Rolling::new(InMemoryEventStorageAdapter::new());
//! rolling.start("old", CounterPod::start).await;
//! rolling.pushes(5).await;
//! rolling.replace("old", "new", CounterPod::start).await;
//! rolling.pushes(5).await;
//! let journal = rolling.finish().await;
//! assert!(journal.pushed().len() >= 10);
//! for event in journal.pushed_by("new") {
//!     assert_eq!(journal.handled_by(&event), ["new"]);
//! }
//! # }
//! ```

mod journal;
mod pods;

pub use async_trait::async_trait;
pub use journal::{Journal, JournaledEvent, PodJournal};
pub use pods::{Pod, Rolling};
