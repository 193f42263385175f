//! What messages and channels know of event stores: how to load an aggregate, and how that can fail.

mod aggregate_source;
mod error;

pub use aggregate_source::AggregateSource;
pub use error::{AggregateNotFoundError, EventStoreError};
