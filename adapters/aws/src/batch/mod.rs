//! How many messages are published with requests that take a few of them, each of which is answered on its own.

mod entry;
mod publish;
mod queue;

pub use entry::{BatchEntry, BatchFailure, BatchLimits, EntryOutcome, EntryTooLargeError, Rejection};
pub use publish::publish_in_batches;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
