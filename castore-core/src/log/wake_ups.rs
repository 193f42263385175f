use std::any::Any;
use std::fmt;

use tokio::sync::watch;

/// Tells a reader of a log that there may be something new. Dropping it stops what feeds it.
pub struct WakeUps {
    changes: Option<watch::Receiver<u64>>,
    _guard: Option<Box<dyn Any + Send + Sync>>,
}

impl WakeUps {
    /// Never wakes anybody up.
    pub fn none() -> Self {
        Self { changes: None, _guard: None }
    }

    /// Wakes up whenever the value is set. `guard` is what feeds it, and is dropped with it.
    pub fn new(changes: watch::Receiver<u64>, guard: impl Any + Send + Sync) -> Self {
        Self { changes: Some(changes), _guard: Some(Box::new(guard)) }
    }

    /// Waits for the next hint; several that came while nobody waited are one. For ever, if there are no (more) hints.
    ///
    /// Cancellation-safe: a hint is not lost.
    pub async fn next(&mut self) {
        if let Some(changes) = &mut self.changes {
            if changes.changed().await.is_ok() {
                return;
            }
            self.changes = None;
        }
        std::future::pending().await
    }
}

impl fmt::Debug for WakeUps {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WakeUps").field("ever", &self.changes.is_some()).finish()
    }
}
