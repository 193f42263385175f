//! The event stores of [castore](https://docs.rs/castore) and its in-memory adapters. Applications use the crate
//! `castore`, which re-exports this crate.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod command;
pub mod event_store;
pub mod in_memory;
pub mod snapshot;

/// Items that generated code uses. They are not part of the public API, and may change without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::command::{CommandAttempts, CommandOutcome, CommandResult, CommandTypes, Conflict, ErrorOutcome};
    pub use crate::event_store::AcceptsEvent;
}
