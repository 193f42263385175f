//! When things happened, and who says so.

mod clock;
mod timestamp;

pub use clock::{Clock, SystemClock};
pub use timestamp::{ParseTimestampError, Timestamp};
