use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// A counter of unfinished deliveries.
#[derive(Debug, Default)]
pub(super) struct Pending {
    count: AtomicUsize,
    idle: Notify,
}

impl Pending {
    pub(super) fn add(&self) {
        // The count and the flag that closes the adapter use sequentially consistent ordering. Therefore a publisher
        // that increments the count after `idle` has read 0 also sees the flag.
        self.count.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn done(&self) {
        if self.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.idle.notify_waiters();
        }
    }

    /// Waits until all deliveries are finished. Dropping the future does not affect the deliveries.
    pub(super) async fn idle(&self) {
        loop {
            let mut idle = pin!(self.idle.notified());
            // The waiter is registered before the count is read, so that the waiter cannot miss a wake-up in between.
            idle.as_mut().enable();
            if self.count.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }
}
