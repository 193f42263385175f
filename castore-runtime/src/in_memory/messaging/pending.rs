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
        // Sequentially consistent with the flag that closes the adapter: a publisher that adds a delivery after the
        // count was seen as 0 also sees the flag.
        self.count.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn done(&self) {
        if self.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.idle.notify_waiters();
        }
    }

    /// Returns when no delivery is unfinished. Cancellation-safe.
    pub(super) async fn idle(&self) {
        loop {
            let mut idle = pin!(self.idle.notified());
            // Registered before the count is read, so that no wake-up is missed in between.
            idle.as_mut().enable();
            if self.count.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }
}
