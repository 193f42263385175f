//! Tests of the in-memory queue and bus, beyond the behavior that was recorded from Castore.

mod bus;
mod concurrency;
pub mod counter;
mod dead_letters;
mod handler_state;
mod handles;
mod listeners;
mod order;
mod queue;
mod runtimes;
mod shutdown;
mod stored_messages;
mod subsets;
mod unreadable;
