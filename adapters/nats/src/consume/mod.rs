//! Consuming messages with durable consumers.

mod builders;
mod consumers;
mod dead_letter;
mod delivery;
mod durable;
mod in_flight;
mod lane;
mod requests;
mod run;
mod settings;

pub use builders::{NatsListenerBuilder, NatsWorkerBuilder};
pub use consumers::{NatsListener, NatsWorker};
