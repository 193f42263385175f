//! The view of event stores that messages and channels need: loading an aggregate, and the errors of that.

mod aggregate_source;
mod error;

pub use aggregate_source::AggregateSource;
pub use error::{AggregateNotFoundError, EventStoreError};
