//! The conformance tests of [castore](https://docs.rs/castore), which check the contracts of adapters. The tests run
//! against any adapter, whether the adapter is part of this repository or not.
//!
//! # Event storage adapters
//!
//! Add this crate to the dev-dependencies of the adapter. No other dependency is needed, not even tokio. Then implement
//! a factory that creates a fresh, empty storage, and let the macro generate the tests:
//!
//! ```
//! use castore_conformance::storage::{Capabilities, FreshStorage, StorageFactory};
//! # mod engine {
//! #     use castore_conformance::async_trait;
//! #     use castore_core::storage::*;
//! #     #[derive(Debug)]
//! #     pub struct MyAdapter;
//! #     impl MyAdapter { pub async fn open(_: &str) -> Self { Self } }
//! #     #[async_trait]
//! #     impl EventStorageAdapter for MyAdapter {
//! #         fn storage_id(&self) -> StorageId { StorageId::unique() }
//! #         async fn get_events(&self, _: &str, _: &str, _: GetEventsOptions)
//! #             -> Result<Vec<RawEvent>, StorageError> { Ok(vec![]) }
//! #         async fn push_event(&self, _: &str, _: RawEvent, _: PushOptions)
//! #             -> Result<PushReceipt, StorageError> { Err(StorageError::ShutDown) }
//! #         async fn push_event_group(&self, _: Vec<GroupedRawEvent>, _: PushOptions)
//! #             -> Result<Vec<PushReceipt>, StorageError> { Err(StorageError::ShutDown) }
//! #         async fn list_aggregate_ids(&self, _: &str, _: ListAggregateIdsOptions)
//! #             -> Result<AggregateIdsPage, StorageError> { Err(StorageError::ShutDown) }
//! #     }
//! # }
//! # use engine::MyAdapter;
//!
//! struct MyEngine;
//!
//! #[castore_conformance::async_trait]
//! impl StorageFactory for MyEngine {
//!     async fn fresh(&self) -> FreshStorage {
//!         FreshStorage::new(MyAdapter::open("some new place").await)
//!     }
//!
//!     // Waive only requirements that the engine cannot fulfill. This method lists all waivers.
//!     fn capabilities(&self) -> Capabilities {
//!         Capabilities::full().max_group_len(100)
//!     }
//! }
//!
//! castore_conformance::storage_conformance!(MyEngine);
//! # fn main() {}
//! ```
//!
//! # Message channel adapters
//!
//! Queues ([`queue_conformance!`]) and buses ([`bus_conformance!`]) are tested in the same way: implement a factory
//! that attaches an adapter to a channel of the kit, and that starts its worker or listeners.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use castore_conformance::async_trait;
//! use castore_conformance::channel::{DeadLetterHook, Handler, KitQueue, QueueConsumer, QueueFactory};
//! use castore_core::consumer::{ConsumerStatus, DeadLetters, Listeners, RetryPolicy};
//! use castore_core::channel::MessageOrder;
//! # use castore_runtime::in_memory::InMemoryMessageQueueAdapter as MyQueueAdapter;
//!
//! struct MyQueues;
//! struct MyConsumer<C: KitQueue>(MyQueueAdapter<C>);
//!
//! // This factory supports both orders. For an adapter without ordering, implement only `QueueFactory<Unordered>`.
//! #[async_trait]
//! impl<O: MessageOrder> QueueFactory<O> for MyQueues {
//!     type Consumer<C: KitQueue<Order = O>> = MyConsumer<C>;
//!
//!     async fn attach<C: KitQueue<Order = O>>(&self, channel: &C, retry_policy: RetryPolicy) -> MyConsumer<C> {
//!         let queue = MyQueueAdapter::attach_to(channel).with_retry_policy(retry_policy);
//!         MyConsumer(queue.with_dead_letters(100))
//!     }
//! }
//!
//! #[async_trait]
//! impl<C: KitQueue> QueueConsumer<C> for MyConsumer<C> {
//!     async fn work(&self, worker: Handler<C::Message>) {
//!         self.0.worker(move |message, context| worker(message, context));
//!     }
//!
//!     async fn listen(&self, listeners: Listeners<C>) {
//!         self.0.listen(listeners);
//!     }
//!
//!     fn status(&self) -> ConsumerStatus {
//!         self.0.status()
//!     }
//!
//!     // Return `None` if the adapter does not store dead letters.
//!     fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
//!         Some(Arc::new(self.0.dead_letters()))
//!     }
//!
//!     async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>) {
//!         self.0.on_dead_letter(move |letter| hook(letter.into()));
//!     }
//!
//!     async fn shutdown(&self) {
//!         self.0.shutdown().await;
//!     }
//!
//!     async fn shutdown_within(&self, limit: Duration) {
//!         let _ = self.0.shutdown_within(limit).await;
//!     }
//! }
//!
//! castore_conformance::queue_conformance!(unordered, MyQueues);
//! castore_conformance::queue_conformance!(per_aggregate, MyQueues);
//! # fn main() {}
//! ```
//!
//! # Event logs, relay storages, snapshots, deletions
//!
//! Optional parts of a storage have separate macros: [`log_conformance!`] with a [`log::LogFactory`],
//! [`relay_storage_conformance!`] with a [`relay_storage::RelayStorageFactory`], [`snapshot_conformance!`] with a
//! [`snapshot::SnapshotFactory`], and [`deletion_conformance!`] with a [`deletion::DeletionFactory`].
//!
//! ```
//! use castore_conformance::log::{FreshLog, LogFactory, LogHandle};
//! # use castore_runtime::in_memory::InMemoryEventStorageAdapter as MyAdapter;
//!
//! struct MyEngine;
//!
//! #[castore_conformance::async_trait]
//! impl LogFactory for MyEngine {
//!     async fn fresh(&self) -> FreshLog {
//!         let adapter = MyAdapter::new();
//!         // This opens the log as another process would do. A durable adapter opens the same storage again.
//!         FreshLog::new(adapter.clone()).another_handle(move || {
//!             let adapter = adapter.clone();
//!             async move { LogHandle::new(adapter) }
//!         })
//!     }
//! }
//!
//! castore_conformance::log_conformance!(MyEngine);
//! # fn main() {}
//! ```
//!
//! # Inboxes and read models
//!
//! [`inbox_conformance!`] with an [`inbox::InboxFactory`] tests inboxes, which record the messages that a consumer has
//! handled. [`read_model_conformance!`] with a [`read_model::ReadModelFactory`] tests the store to which a projection
//! writes its read model.
//!
//! # Transactions of the caller
//!
//! [`transaction_conformance!`] with a [`transactions::TransactionFactory`] tests pushes in a transaction that the
//! caller has opened. Use the macro once for each driver.
//!
//! # Rolling deployments
//!
//! [`rolling_conformance!`] with a [`rolling::RollingFactory`] runs old and new versions of a program side by side, on
//! one storage and one broker, while events and states change.
//!
//! Each behavior is also a public function that can be called directly. See the modules [`storage`], [`channel`],
//! [`log`], [`relay_storage`], [`snapshot`], [`deletion`], [`inbox`], [`read_model`], [`rolling`]
//! and [`transactions`].
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the crate contains tests, which panic if an adapter is wrong"
)]

mod behavior;
pub mod channel;
pub mod deletion;
pub mod inbox;
pub mod log;
mod macros;
pub mod read_model;
pub mod relay_storage;
pub mod rolling;
mod run;
pub mod snapshot;
pub mod storage;
mod subscriber;
pub mod transactions;

pub use async_trait::async_trait;
pub use behavior::Behavior;

/// Items for the code that the macros generate. They are not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::run::run;
}
