//! Consuming messages with durable consumers.

mod builders;
mod consumers;
mod dead_letter;
mod dead_letters;
mod delivery;
mod durable;
mod in_flight;
mod lane;
mod requests;
mod run;
mod settings;
mod setup;

pub use builders::{NatsListenerBuilder, NatsWorkerBuilder};
pub use consumers::{NatsListener, NatsWorker};
pub use dead_letters::NatsDeadLetters;
pub use setup::NatsConsumerSetup;
