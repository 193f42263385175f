//! Shared code of the tests.

mod channel;
mod clock;
mod golden;
mod log;
mod storage;

pub use channel::{Publish, Watched};
pub use clock::FixedClock;
pub use golden::{error_text, golden, object, original_text, without_undefined};
pub use log::Log;
pub use storage::{LoggingStorage, short};

use castore::prelude::*;
use serde_json::Value;

pub fn timestamp(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Converts a value to a JSON value, for comparisons in which the order of keys does not matter.
pub fn json(value: &impl serde::Serialize) -> Value {
    // The value is written as text first, because messages are sent as text.
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

/// Returns the texts of an error and its sources.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect()
}
