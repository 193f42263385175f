use std::sync::Arc;

use castore_core::time::Timestamp;
use tokio::sync::watch;

use super::{Batch, Rejection};
use crate::{RelayRole, RelayStatus};

/// The sender of a relay's status. When the sender is dropped, even by a panic in the relay's task, the role becomes
/// [`RelayRole::Stopped`].
#[derive(Debug)]
pub struct StatusSender {
    /// The name of the relay, in log lines.
    relay: Arc<str>,
    sender: watch::Sender<RelayStatus>,
}

impl StatusSender {
    /// Creates the sender for the relay with this name. The first role is standby.
    pub fn new(relay: &str) -> Self {
        Self { relay: Arc::from(relay), sender: watch::Sender::new(RelayStatus::new()) }
    }

    /// Returns a receiver of the status.
    pub fn subscribe(&self) -> watch::Receiver<RelayStatus> {
        self.sender.subscribe()
    }

    /// Changes the status.
    pub fn update(&self, change: impl FnOnce(&mut RelayStatus)) {
        self.sender.send_modify(change);
    }

    /// Logs a failure and shows it in the status.
    pub fn report(&self, error: &str) {
        tracing::warn!(relay = &*self.relay, error, "a relay failed");
        self.update(|status| status.last_error = Some(error.to_owned()));
    }

    /// Logs a failure and shows it as an outage.
    pub fn begin_outage(&self, error: &str) {
        self.report(error);
        self.update(|status| status.outage = Some(error.to_owned()));
    }

    /// Clears the outage after a success.
    pub fn clear_outage(&self) {
        if self.sender.borrow().outage.is_some() {
            self.update(|status| status.outage = None);
        }
    }

    /// Changes the role to standby. `owner` is the process that holds the lease, if it is known.
    pub fn stand_by(&self, owner: Option<String>) {
        self.update(|status| {
            status.role = RelayRole::Standby { owner };
            status.parked = 0;
            status.oldest_unpublished = None;
        });
    }

    /// Shows the error of a permanently rejected event in the status. The publisher has already logged the error.
    pub fn rejected(&self, rejection: &Rejection) {
        self.update(|status| status.last_error = Some(rejection.error.clone()));
    }

    /// Sets the oldest unpublished event in the status, for a batch that is about to be published.
    pub fn begin_batch(&self, batch: &Batch) {
        self.update(|status| status.oldest_unpublished = oldest_unpublished(batch));
    }

    /// Adds the number of published events of a batch to the status, and sets the oldest unpublished event to the
    /// oldest one that remains.
    pub fn end_batch(&self, batch: &Batch) {
        self.update(|status| {
            status.published += batch.published() as u64;
            status.oldest_unpublished = oldest_unpublished(batch);
        });
    }

    /// Adds the number of published events of a parked aggregate to the status.
    pub fn count_published(&self, batch: &Batch) {
        let published = batch.published() as u64;
        if published > 0 {
            self.update(|status| status.published += published);
        }
    }
}

fn oldest_unpublished(batch: &Batch) -> Option<Timestamp> {
    batch.first_pending().map(|entry| entry.event.timestamp)
}

impl Drop for StatusSender {
    fn drop(&mut self) {
        self.update(|status| status.role = RelayRole::Stopped);
    }
}
