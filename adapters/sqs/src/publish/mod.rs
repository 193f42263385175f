//! Publishing messages to queues.

mod adapters;
mod builder;
mod outcome;
mod publisher;

pub use adapters::{SqsFifoMessageQueueAdapter, SqsMessageQueueAdapter};
pub use builder::SqsAdapterBuilder;
pub(crate) use outcome::EntryError;
