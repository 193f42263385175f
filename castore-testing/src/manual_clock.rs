use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use castore_core::time::{Clock, Timestamp};

/// A clock whose time changes only when the test sets or advances it. Clones share the time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    /// Creates a clock with the time `now`.
    pub fn new(now: impl Into<Timestamp>) -> Self {
        Self(Arc::new(Mutex::new(now.into())))
    }

    /// Sets the time, forwards or backwards.
    pub fn set(&self, now: impl Into<Timestamp>) {
        *self.lock() = now.into();
    }

    /// Advances the time by `by`, rounded down to whole milliseconds. If the result would be later than the latest
    /// possible timestamp, the time does not change.
    pub fn advance(&self, by: Duration) {
        let mut now = self.lock();
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        if let Some(later) = Timestamp::from_unix_millis(now.unix_millis().saturating_add(millis)) {
            *now = later;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.lock()
    }
}
