use std::any::Any;
use std::fmt;

use tokio::sync::watch;

/// A receiver of hints that a log may have new events. Dropping the receiver stops the source of the hints.
pub struct WakeUps {
    changes: Option<watch::Receiver<u64>>,
    _guard: Option<Box<dyn Any + Send + Sync>>,
}

impl WakeUps {
    /// Returns a receiver that never receives a hint.
    pub fn none() -> Self {
        Self { changes: None, _guard: None }
    }

    /// Returns a receiver that receives a hint whenever the value of `changes` is set. `guard` is the source of the
    /// hints, and is dropped with the receiver.
    pub fn new(changes: watch::Receiver<u64>, guard: impl Any + Send + Sync) -> Self {
        Self { changes: Some(changes), _guard: Some(Box::new(guard)) }
    }

    /// Waits for the next hint. Several hints before the call count as one. Never returns if there are no further
    /// hints.
    ///
    /// # Cancellation
    /// No hint is lost if the future is dropped.
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
