//! The task of a relay.

mod lease;
mod parked;
mod progress;
mod retry;
mod runner;
mod signals;
mod term;

pub(crate) use runner::Runner;
pub(crate) use signals::Signals;
