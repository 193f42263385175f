//! The parts of event stores that messages and channels need: the trait for loading an aggregate, and the errors.

mod aggregate_source;
mod error;

pub use aggregate_source::AggregateSource;
pub use error::{AggregateNotFoundError, EventStoreError};
