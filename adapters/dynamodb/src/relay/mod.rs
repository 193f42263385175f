//! The relay of a table, which publishes events from the table's stream.

mod backfill;
mod builder;
mod error;
mod handle;
mod lease;
mod options;
mod parked;
mod progress;
mod retry;
mod rows;
mod runner;
mod state;
mod term;

pub use builder::DynamoDbRelayBuilder;
pub use error::DynamoDbRelayError;
pub use handle::DynamoDbRelay;
pub use options::{DynamoDbRelayStart, OnGap};
pub use parked::ParkedStreamAggregate;
