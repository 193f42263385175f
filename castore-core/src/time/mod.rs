//! Timestamps and clocks.

mod backoff;
mod clock;
mod convert;
mod timestamp;

pub use backoff::backoff_delay;
pub use clock::{Clock, SystemClock};
#[cfg(any(feature = "jiff", feature = "time"))]
pub use convert::TimestampRangeError;
pub use timestamp::{ParseTimestampError, Timestamp};
