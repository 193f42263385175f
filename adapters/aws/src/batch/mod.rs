//! Publishing many messages with batch requests, whose entries have individual outcomes.

mod entry;
mod publish;
mod queue;

pub use entry::{BatchEntry, BatchFailure, BatchLimits, EntryOutcome, EntryTooLargeError, Rejection};
pub use publish::publish_in_batches;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
