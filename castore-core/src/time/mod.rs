//! Timestamps and clocks.

mod clock;
mod timestamp;

pub use clock::{Clock, SystemClock};
pub use timestamp::{ParseTimestampError, Timestamp};
