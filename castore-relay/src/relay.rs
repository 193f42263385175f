use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use castore_core::channel::MessageChannel;
use castore_core::error::error_chain;
use castore_core::log::{EventLog, LogId};
use castore_core::relay::ParkedAggregate;
use castore_core::task::BackgroundTask;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::engine::ParkedChanges;
use crate::run::LogPosition;
use crate::{RelayAdmin, RelayBuilder, RelayError, RelayRole, RelayStatus};

/// A running relay. See the [crate](crate) for its guarantees.
///
/// The relay runs until it is [shut down](Self::shutdown). Dropping the handle aborts the relay, as a crash would: its
/// lease runs out, and the messages that were published since the last checkpoint are published again.
#[must_use = "dropping the handle stops the relay"]
pub struct Relay {
    pub(crate) admin: RelayAdmin,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) log_id: LogId,
    pub(crate) status: watch::Receiver<RelayStatus>,
    pub(crate) parked_changes: Arc<ParkedChanges>,
    pub(crate) task: BackgroundTask<()>,
}

impl Relay {
    /// Builds a relay that publishes on this channel.
    pub fn builder<C: MessageChannel>(channel: C) -> RelayBuilder<C> {
        RelayBuilder::new(channel)
    }

    /// The name of the relay.
    pub fn name(&self) -> &str {
        self.admin.relay()
    }

    /// The current status.
    pub fn status(&self) -> RelayStatus {
        self.status.borrow().clone()
    }

    /// A receiver of status changes.
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

    /// Makes a parked aggregate due now. See [`RelayAdmin::retry`].
    ///
    /// # Errors
    /// [`RelayError::Storage`].
    pub async fn retry(&self, event_store_id: &str, aggregate_id: &str) -> Result<bool, RelayError> {
        let retried = self.admin.retry(event_store_id, aggregate_id).await?;
        self.parked_changes.announce();
        Ok(retried)
    }

    /// Drops the message that an aggregate is parked for. See [`RelayAdmin::drop_message`].
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
        self.parked_changes.announce();
        Ok(dropped)
    }

    /// Waits until every event up to `position` is published or parked, by this process or another. A push returns the
    /// position of its event.
    ///
    /// A relay on standby reads the checkpoint of the leader. Where the log has no events of this relay, that
    /// checkpoint may be late by a third of the lease.
    ///
    /// # Errors
    /// [`RelayError::WaitTimedOut`], with the writers that the log waits for, and [`RelayError::Stopped`].
    /// [`RelayError::OtherLog`], [`RelayError::LogReplaced`] or [`RelayError::LogTakenBack`] if the position was reached in a
    /// log that was restored or replaced since. [`RelayError::Storage`] if the log cannot be read.
    pub async fn wait_for(&self, position: u64, wait: Duration) -> Result<(), RelayError> {
        let mut status = self.status.clone();
        let waited = timeout(wait, async {
            loop {
                let now = status.borrow_and_update().clone();
                if let Some(reached) = now.position.filter(|reached| *reached >= position) {
                    // The position is one of the log as it was. If the log was replaced since, the caller's event may be
                    // another.
                    let reached = LogPosition { log_id: &self.log_id, position: reached, event: now.event.as_ref() };
                    return reached.check(self.name(), &*self.log).await;
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

    /// Waits until every event that is stored now is published or parked. See [`wait_for`](Self::wait_for).
    ///
    /// # Errors
    /// As [`wait_for`](Self::wait_for), and [`RelayError::Storage`] if the end of the log cannot be read.
    pub async fn wait_until_caught_up(&self, wait: Duration) -> Result<(), RelayError> {
        let started = Instant::now();
        let end = self.log.end().await.map_err(RelayError::storage(self.name()))?;
        self.wait_for(end.last_position, wait.saturating_sub(started.elapsed())).await
    }

    /// Waits until the relay has stopped because of an error, for a program that supervises its relays.
    ///
    /// # Cancellation
    /// Nothing is lost if the future is dropped. The method may be called again.
    ///
    /// # Errors
    /// [`RelayError::Stopped`], with the reason: always, because a relay does not end by itself without an error.
    pub async fn finished(&mut self) -> Result<(), RelayError> {
        let mut status = self.status.clone();
        loop {
            let now = status.borrow_and_update().clone();
            if now.role == RelayRole::Stopped || status.changed().await.is_err() {
                return Err(self.stopped(self.status()));
            }
        }
    }

    /// Publishes the rest of the current batch, stores the checkpoint, releases the lease, and ends the relay. During
    /// an outage the batch is not finished: the next holder of the lease continues after the messages that are
    /// published.
    ///
    /// Each call of the adapter that the batch needs takes the publish timeout at most. If the storage of the state
    /// fails, the shutdown takes as long as the lease. Cancellation: a shutdown that is dropped aborts the relay, as
    /// dropping the relay does.
    ///
    /// # Errors
    /// [`RelayError::Stopped`] if the relay had stopped with an error before.
    pub async fn shutdown(mut self) -> Result<(), RelayError> {
        let status = self.status();
        if status.role == RelayRole::Stopped {
            return Err(self.stopped(status));
        }
        self.task.request_shutdown();
        match self.task.outcome().await {
            Ok(_) => Ok(()),
            Err(error) => Err(RelayError::Stopped { relay: self.name().to_owned(), reason: Some(error_chain(&error)) }),
        }
    }

    fn stopped(&self, status: RelayStatus) -> RelayError {
        RelayError::Stopped { relay: self.name().to_owned(), reason: status.last_error }
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Relay").field("name", &self.name()).field("status", &self.status()).finish()
    }
}
