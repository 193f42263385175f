//! The task of a relay.

mod end;
mod identity;
mod lead;
mod lease;
mod parked;
mod progress;
mod retry;
mod runner;
mod signals;
mod start;
mod term;

pub(crate) use identity::LogPosition;
pub(crate) use signals::Signals;
pub(crate) use start::{StartedRelay, start};
