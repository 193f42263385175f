//! The task of a relay.

mod end;
mod identity;
mod lead;
mod lease;
mod parked;
mod progress;
mod retry;
mod runner;
mod start;
mod term;

pub(crate) use identity::LogPosition;
pub(crate) use start::{StartedRelay, start};
