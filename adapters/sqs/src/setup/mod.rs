//! The setup of the queues that a worker needs.

mod access;
mod condition;
mod consumer_setup;
mod error;
mod queue;
mod redrive;

pub use consumer_setup::SqsConsumerSetup;
pub use error::SqsSetupError;
