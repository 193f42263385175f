//! Publishing many messages with batch requests. Each entry of a batch has its own outcome.

mod entry;
mod publish;
mod queue;

pub use entry::{BatchEntry, BatchFailure, BatchLimits, EntryOutcome, EntryTooLargeError, Rejection};
pub use publish::publish_in_batches;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
