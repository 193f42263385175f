//! The consuming side: a worker that polls a queue.

mod batches;
mod builder;
mod dead_letter;
mod deleter;
mod envelope;
mod lane;
mod memory;
mod receive;
mod run;
mod shared;
mod visibility;

pub use builder::SqsWorker;
pub use envelope::EnvelopeContent;
