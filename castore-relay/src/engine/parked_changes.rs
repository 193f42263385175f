use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Tells the task of a relay that its handle changed the parked aggregates: it must read them again.
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

    /// Waits for a change that was announced since this method last returned.
    ///
    /// # Cancellation
    /// Nothing is lost if the future is dropped: [`take`](Self::take) still returns true.
    pub async fn announced(&self) {
        self.wake.notified().await;
    }
}
