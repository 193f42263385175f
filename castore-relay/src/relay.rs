use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use castore_runtime::MessageChannel;
use castore_runtime::log::EventLog;
use castore_runtime::relay::ParkedAggregate;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::run::Signals;
use crate::{RelayAdmin, RelayBuilder, RelayError, RelayRole, RelayStatus};

/// A relay that runs. See the [crate](crate) for what it promises.
///
/// It ends when it is [shut down](Self::shutdown). Dropping it aborts it where it stands, as a crash would: its lease
/// runs out, and what it published since its last checkpoint is published again.
#[must_use = "dropping it stops the relay"]
pub struct Relay {
    pub(crate) admin: RelayAdmin,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) status: watch::Receiver<RelayStatus>,
    pub(crate) signals: Arc<Signals>,
    pub(crate) task: JoinHandle<()>,
}

impl Relay {
    /// Builds a relay that publishes on this channel.
    pub fn builder<C: MessageChannel>(channel: C) -> RelayBuilder<C> {
        RelayBuilder::new(channel)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.admin.relay()
    }

    /// What it is doing.
    pub fn status(&self) -> RelayStatus {
        self.status.borrow().clone()
    }

    /// Tells of each change of the status.
    pub fn status_changes(&self) -> watch::Receiver<RelayStatus> {
        self.status.clone()
    }

    /// The parked aggregates. See [`RelayAdmin::parked`].
    ///
    /// # Errors
    /// [`RelayError::Storage`].
    pub async fn parked(&self) -> Result<Vec<ParkedAggregate>, RelayError> {
        self.admin.parked().await
    }

    /// Has a parked aggregate tried again now. See [`RelayAdmin::retry`].
    ///
    /// # Errors
    /// [`RelayError::Storage`].
    pub async fn retry(&self, event_store_id: &str, aggregate_id: &str) -> Result<bool, RelayError> {
        let retried = self.admin.retry(event_store_id, aggregate_id).await?;
        self.signals.look_at_parked();
        Ok(retried)
    }

    /// Gives up on the message that an aggregate is parked for. See [`RelayAdmin::drop_message`].
    ///
    /// # Errors
    /// [`RelayError::Storage`].
    pub async fn drop_message(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        position: u64,
    ) -> Result<bool, RelayError> {
        let dropped = self.admin.drop_message(event_store_id, aggregate_id, position).await?;
        self.signals.look_at_parked();
        Ok(dropped)
    }

    /// Waits until everything up to `position` is published or parked, by this process or another: a push answers with
    /// its position.
    ///
    /// On standby that is seen by the other's checkpoint, which may be late by a third of the lease where events do not
    /// concern the relay.
    ///
    /// # Errors
    /// [`RelayError::WaitTimedOut`], which names the writers that the log waits for, and [`RelayError::Stopped`].
    pub async fn wait_until(&self, position: u64, wait: Duration) -> Result<(), RelayError> {
        let mut status = self.status.clone();
        let waited = timeout(wait, async {
            loop {
                let now = status.borrow_and_update().clone();
                if now.position.is_some_and(|reached| reached >= position) {
                    return Ok(());
                }
                if now.role == RelayRole::Stopped {
                    return Err(self.stopped(now));
                }
                if status.changed().await.is_err() {
                    return Err(self.stopped(self.status()));
                }
            }
        });
        match waited.await {
            Ok(result) => result,
            Err(_) => {
                let status = self.status();
                Err(RelayError::WaitTimedOut {
                    relay: self.name().to_owned(),
                    position,
                    reached: status.position,
                    waited: wait,
                    blocked_by: status.blocked_by,
                    last_error: status.outage.or(status.last_error),
                })
            }
        }
    }

    /// Waits until everything that is stored now is published or parked. See [`wait_until`](Self::wait_until).
    ///
    /// # Errors
    /// As [`wait_until`](Self::wait_until), and [`RelayError::Storage`] if the log does not say where it ends.
    pub async fn wait_until_caught_up(&self, wait: Duration) -> Result<(), RelayError> {
        let started = Instant::now();
        let end = self.log.end().await.map_err(RelayError::storage(self.name()))?;
        self.wait_until(end.last, wait.saturating_sub(started.elapsed())).await
    }

    /// Publishes the rest of the batch that is on its way, keeps the checkpoint, gives the lease back, and ends. During
    /// an outage the batch is left where it is: the next holder of the lease goes on there.
    ///
    /// Takes a publish time-out at most for each call of the adapter that the batch needs, and the lease if the storage
    /// of the state fails. Cancellation: dropped before it is done, it aborts the relay, as dropping the relay does.
    ///
    /// # Errors
    /// [`RelayError::Stopped`] if the relay had ended before by an error.
    pub async fn shutdown(mut self) -> Result<(), RelayError> {
        let status = self.status();
        if status.role == RelayRole::Stopped {
            return Err(self.stopped(status));
        }
        self.signals.shut_down();
        match (&mut self.task).await {
            Ok(()) => Ok(()),
            Err(error) => Err(RelayError::Stopped { relay: self.name().to_owned(), reason: Some(error.to_string()) }),
        }
    }

    fn stopped(&self, status: RelayStatus) -> RelayError {
        RelayError::Stopped { relay: self.name().to_owned(), reason: status.last_error }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Relay").field("name", &self.name()).field("status", &self.status()).finish()
    }
}
