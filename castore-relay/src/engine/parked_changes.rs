use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A notification from the handle of a relay to the relay's task that the parked aggregates have changed and must be
/// read again.
#[derive(Debug, Default)]
pub struct ParkedChanges {
    changed: AtomicBool,
    wake: Notify,
}

impl ParkedChanges {
    /// Makes the task read the parked aggregates again, and wakes it.
    pub fn announce(&self) {
        self.changed.store(true, Ordering::SeqCst);
        self.wake.notify_one();
    }

    /// Returns whether the parked aggregates must be read again, and clears the request.
    pub fn take(&self) -> bool {
        self.changed.swap(false, Ordering::SeqCst)
    }

    /// Waits until a change is announced. Returns immediately if a change was announced since the previous call
    /// returned.
    ///
    /// # Cancellation
    /// Nothing is lost if the future is dropped: [`take`](Self::take) still returns true.
    pub async fn announced(&self) {
        self.wake.notified().await;
    }
}
