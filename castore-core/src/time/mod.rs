//! Timestamps and clocks.

mod backoff;
mod clock;
mod timestamp;

pub use backoff::backoff_delay;
pub use clock::{Clock, SystemClock};
pub use timestamp::{ParseTimestampError, Timestamp};
