use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use castore_core::time::{Clock, Timestamp};

/// A clock that stands still until it is told otherwise. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn new(now: impl Into<Timestamp>) -> Self {
        Self(Arc::new(Mutex::new(now.into())))
    }

    /// Sets it, forwards or backwards.
    pub fn set(&self, now: impl Into<Timestamp>) {
        *self.lock() = now.into();
    }

    /// Moves it forward, by whole milliseconds. It stops at the end of time.
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
