//! Behavior of the original TypeScript packages, compared with recorded data. Where a test asserts another behavior
//! than the recorded one, a comment explains why.

mod channels;
mod command;
mod connected;
pub mod domain;
mod event_store;
mod groups;
mod guards;
mod lists;
mod messages;
mod push;
mod queue_bus;
mod simulate;
