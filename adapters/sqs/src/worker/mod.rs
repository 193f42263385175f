//! A worker that polls a queue.

mod batches;
mod builder;
mod dead_letter;
mod dead_letters;
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
pub use dead_letters::SqsDeadLetters;
pub use envelope::EnvelopeContent;
pub use sqs_worker::SqsWorker;
