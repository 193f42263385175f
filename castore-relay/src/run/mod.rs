//! The task of a relay.

mod backoff;
mod batch;
mod call_size;
mod deliver;
mod lease;
mod panics;
mod parked;
mod retry;
mod runner;
mod signals;
mod term;

pub(crate) use panics::{catch_panic, catch_panic_now};
pub(crate) use runner::Runner;
pub(crate) use signals::Signals;
