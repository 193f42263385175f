use std::fmt::Debug;

use super::Timestamp;

/// A clock for the timestamps of events, used when the caller sets no timestamp.
///
/// Event stores use [`SystemClock`] by default. Tests can use the `ManualClock` of `castore::testing`.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the timestamp of an event that is pushed now.
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
