//! Projections, which keep read models up to date from an event log and apply each event exactly once.
//!
//! The crates of the storages provide the read models: see `castore::sqlite::projection` and
//! `castore::postgres::projection`. This crate contains the parts that these crates share: the options, the status, the
//! errors and the handle of a projection. The [`engine`] reads the log, retries, parks aggregates and switches to new
//! versions. This crate also contains in-memory read models.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod engine;
mod error;
mod handle;
mod in_memory;
mod live;
mod observed;
mod parked;
mod policy;
mod request;
mod start;
mod status;

pub use castore_core::log::ReadModel;
pub use error::{ProjectionError, WaitForError};
pub use handle::RunningProjection;
pub use in_memory::{InMemoryProjection, InMemoryReadModels};
pub use live::LiveReadModel;
pub use parked::ParkedProjectionAggregate;
pub use policy::{OnFailure, ProjectionOptions};
pub use request::ProjectionRequest;
pub use start::StartProjection;
pub use status::{ProjectionState, ProjectionStatus};
