//! Tests that compare castore (this crate) with the recorded behavior of Castore (the original TypeScript packages).
//! Where castore differs intentionally, a comment explains why.

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
