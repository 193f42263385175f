//! The conformance kit of [castore](https://docs.rs/castore): what every adapter must do, as tests that run against
//! any adapter, in this repository or outside of it.
//!
//! # Event storage adapters
//!
//! Add this crate to the adapter's dev-dependencies (nothing else is needed, not even tokio), say how a fresh and
//! empty storage is made, and let the macro write the tests:
//!
//! ```
//! use castore_conformance::storage::{Capabilities, FreshStorage, StorageFactory};
//! # mod engine {
//! #     use castore_conformance::async_trait;
//! #     use castore_runtime::storage::*;
//! #     #[derive(Debug)]
//! #     pub struct MyAdapter;
//! #     impl MyAdapter { pub async fn open(_: &str) -> Self { Self } }
//! #     #[async_trait]
//! #     impl EventStorageAdapter for MyAdapter {
//! #         fn storage_id(&self) -> StorageId { StorageId::unique() }
//! #         async fn get_events(&self, _: &str, _: &str, _: GetEventsOptions)
//! #             -> Result<Vec<RawEvent>, StorageError> { Ok(vec![]) }
//! #         async fn push_event(&self, _: &str, _: RawEvent, _: PushOptions)
//! #             -> Result<Stored, StorageError> { Err(StorageError::ShutDown) }
//! #         async fn push_event_group(&self, _: Vec<GroupedRawEvent>, _: PushOptions)
//! #             -> Result<Vec<Stored>, StorageError> { Err(StorageError::ShutDown) }
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
//!     // Only what the engine really cannot do: every waiver stands here, in sight.
//!     fn capabilities(&self) -> Capabilities {
//!         Capabilities::full().max_group_len(100)
//!     }
//! }
//!
//! castore_conformance::storage_conformance!(MyEngine);
//! # fn main() {}
//! ```
//!
//! The behaviours are also plain functions, by topic in [`storage`], for those who want to call a few of them.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a kit of tests: panicking is how it says that an adapter is wrong"
)]

mod macros;
mod run;
pub mod storage;

pub use async_trait::async_trait;

/// What the macros write calls to. Not for use, and free to change.
#[doc(hidden)]
pub mod __private {
    pub use crate::run::run;
}
