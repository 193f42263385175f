use std::fmt::Debug;

use super::Timestamp;

/// Where an event store takes the timestamp of an event from, when the caller gives none.
///
/// The default is [`SystemClock`]; tests use the `ManualClock` of `castore::testing`.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time at which an event that is pushed now has happened.
    fn now(&self) -> Timestamp;
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
