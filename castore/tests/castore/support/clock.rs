use castore::Timestamp;
use castore::time::Clock;

use super::timestamp;

/// A clock with a fixed time.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(Timestamp);

impl FixedClock {
    pub fn at(text: &str) -> Self {
        Self(timestamp(text))
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}
