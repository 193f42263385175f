use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, watch};

/// The requests of a relay's handle to its task.
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

    /// Waits until the relay is shut down.
    pub(super) async fn shutdown(&self) {
        // The sender is a field of this struct, so waiting cannot fail.
        let _ = self.shutdown.subscribe().wait_for(|shutdown| *shutdown).await;
    }

    /// Makes the task read the parked aggregates again.
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
