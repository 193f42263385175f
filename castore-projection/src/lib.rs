//! Projections: they keep read models up to date from an event log, each event exactly once.
//!
//! Read models are in the crates of the storages: `castore::sqlite::projection`, `castore::postgres::projection`. This crate
//! has what they share: the options, the status, the errors and the handle of a projection, and the [`engine`], which reads
//! the log, retries, parks aggregates and lets a new version take over. It also has read models in memory.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod engine;
mod error;
mod handle;
mod in_memory;
mod parked;
mod policy;
mod status;

pub use error::{ProjectionError, WaitForError};
pub use handle::RunningProjection;
pub use in_memory::{InMemoryProjection, InMemoryReadModels};
pub use parked::ParkedProjectionAggregate;
pub use policy::{OnFailure, ProjectionOptions};
pub use status::{ProjectionState, ProjectionStatus};
