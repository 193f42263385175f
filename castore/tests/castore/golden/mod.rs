//! Behaviour of the original TypeScript packages, replayed from recorded data. Where a test asserts something else than
//! what was recorded, a comment says why.

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
