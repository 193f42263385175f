//! The runtime of [castore](https://docs.rs/castore): use that crate, which re-exports this one.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod storage;
mod time;

pub use time::{Clock, ParseTimestampError, SystemClock, Timestamp};
