use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, watch};

/// What the handle of a relay tells its task.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    shutdown: watch::Sender<bool>,
    look_at_parked: AtomicBool,
    wake: Notify,
}

impl Signals {
    pub(crate) fn shut_down(&self) {
        self.shutdown.send_replace(true);
    }

    pub(crate) fn is_shut_down(&self) -> bool {
        *self.shutdown.borrow()
    }

    /// Waits until the relay is to end.
    pub(super) async fn shutdown(&self) {
        // The sender is here, so there is no error.
        let _ = self.shutdown.subscribe().wait_for(|shutdown| *shutdown).await;
    }

    /// Somebody changed what is parked.
    pub(crate) fn look_at_parked(&self) {
        self.look_at_parked.store(true, Ordering::SeqCst);
        self.wake.notify_one();
    }

    pub(super) fn take_look_at_parked(&self) -> bool {
        self.look_at_parked.swap(false, Ordering::SeqCst)
    }

    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }
}
