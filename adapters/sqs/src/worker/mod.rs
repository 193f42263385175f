//! A worker that polls a queue.

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
mod sqs_worker;
mod visibility;

pub use builder::SqsWorkerBuilder;
pub use envelope::EnvelopeContent;
pub use sqs_worker::SqsWorker;
