//! The event stores of [castore](https://docs.rs/castore) and its in-memory adapters: use that crate,
//! which re-exports this one.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod command;
pub mod event_store;
pub mod in_memory;
pub mod snapshot;

/// Items that generated code uses. Not part of the public API: they change without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::command::{CommandAttempts, CommandOutcome, CommandResult, CommandTypes, Conflict, ErrorOutcome};
}
