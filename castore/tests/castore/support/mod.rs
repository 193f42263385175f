//! What the tests of several areas share.

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

/// As JSON, parsed: the order of keys is no contract.
pub fn json(value: &impl serde::Serialize) -> Value {
    // By way of text, as it is sent.
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

/// An error with all its sources, as text.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect()
}
