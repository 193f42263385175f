use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use castore_core::channel::MessageChannel;
use castore_core::error::error_chain;
use castore_core::future::BoxFuture;
use castore_core::log::{EventLog, LogId};
use castore_core::metrics::Measurement;
use castore_core::relay::ParkedAggregate;
use castore_core::service::{PartError, PartHealth, Readiness, ServicePart};
use castore_core::task::BackgroundTask;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::engine::ParkedChanges;
use crate::observed::log_measurement;
use crate::run::LogPosition;
use crate::{RelayAdmin, RelayBuilder, RelayError, RelayRole, RelayStatus};

/// The time limit for reading the end of the log for a measurement. If the read takes longer, the measurement uses the
/// end that the relay has last read.
const MEASURE_LIMIT: Duration = Duration::from_secs(1);

/// The handle of a running relay. The [crate documentation](crate) describes the guarantees of a relay.
///
/// The relay runs until it is [shut down](Self::shutdown), or until an error stops it (see
/// [`finished`](Self::finished)). Clones are handles of the same relay. Dropping the last handle aborts the relay, as
/// in a crash: the lease expires, and the messages that were published since the last checkpoint are published again.
#[derive(Clone)]
#[must_use = "dropping the last handle stops the relay"]
pub struct Relay {
    pub(crate) admin: RelayAdmin,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) log_id: LogId,
    pub(crate) status: watch::Receiver<RelayStatus>,
    pub(crate) parked_changes: Arc<ParkedChanges>,
    pub(crate) task: BackgroundTask<Result<(), String>>,
}

impl Relay {
    /// Returns a builder for a relay that publishes on this channel.
    pub fn builder<C: MessageChannel>(channel: C) -> RelayBuilder<C> {
        RelayBuilder::new(channel)
    }

    /// Returns the name of the relay.
    pub fn name(&self) -> &str {
        self.admin.relay()
    }

    /// Returns the current status.
    pub fn status(&self) -> RelayStatus {
        self.status.borrow().clone()
    }

    /// Returns a receiver of status changes.
    pub fn status_changes(&self) -> watch::Receiver<RelayStatus> {
        self.status.clone()
    }

    /// Returns the parked aggregates. See [`RelayAdmin::parked`].
    ///
    /// # Errors
    /// [`RelayError::Storage`] if the storage of the relay's state fails.
    pub async fn parked(&self) -> Result<Vec<ParkedAggregate>, RelayError> {
        self.admin.parked().await
    }

    /// Requests an immediate attempt to publish the events of a parked aggregate. See [`RelayAdmin::retry`].
    ///
    /// # Errors
    /// [`RelayError::Storage`] if the storage of the relay's state fails.
    pub async fn retry(&self, event_store_id: &str, aggregate_id: &str) -> Result<bool, RelayError> {
        let retried = self.admin.retry(event_store_id, aggregate_id).await?;
        self.parked_changes.announce();
        Ok(retried)
    }

    /// Drops the next message of a parked aggregate. See [`RelayAdmin::drop_message`].
    ///
    /// # Errors
    /// [`RelayError::Storage`] if the storage of the relay's state fails.
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

    /// Waits, for at most `wait`, until every event up to `position` is published or parked, by this process or
    /// another. A push returns the position of its event.
    ///
    /// A relay on standby reads the checkpoint of the leader. If the log has new events only for other stores, the
    /// leader stores its checkpoint with the next heartbeat. Therefore, waiting on standby may take up to a third of
    /// the lease longer.
    ///
    /// # Errors
    /// [`RelayError::WaitTimedOut`] if the relay does not reach the position in time; the error contains the writers
    /// that the log waits for. [`RelayError::Stopped`] if the relay stops first. [`RelayError::OtherLog`],
    /// [`RelayError::LogReplaced`] or [`RelayError::LogTakenBack`] if the log was restored or replaced after the
    /// position was reached. [`RelayError::Storage`] if the log cannot be read.
    pub async fn wait_for(&self, position: u64, wait: Duration) -> Result<(), RelayError> {
        let mut status = self.status.clone();
        let waited = timeout(wait, async {
            loop {
                let now = status.borrow_and_update().clone();
                if let Some(reached) = now.position.filter(|reached| *reached >= position) {
                    // If the log was replaced while this method waited, another event may be at the caller's position.
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

    /// Waits, for at most `wait`, until every event that was stored before this call is published or parked. See
    /// [`wait_for`](Self::wait_for).
    ///
    /// # Errors
    /// The errors of [`wait_for`](Self::wait_for), and [`RelayError::Storage`] if the end of the log cannot be read.
    pub async fn wait_until_caught_up(&self, wait: Duration) -> Result<(), RelayError> {
        let started = Instant::now();
        let end = self.log.end().await.map_err(RelayError::storage(self.name()))?;
        self.wait_for(end.last_position, wait.saturating_sub(started.elapsed())).await
    }

    /// Waits until the relay has stopped, and returns the outcome. Any number of callers may wait. This method is for
    /// programs that supervise their relays: a relay that is neither shut down nor aborted stops only because of an
    /// error.
    ///
    /// # Cancellation
    /// Nothing is lost if the future is dropped.
    ///
    /// # Errors
    /// [`RelayError::Stopped`] with the reason, if the relay has failed or was aborted. If it was shut down, the result
    /// is `Ok`.
    pub async fn finished(&self) -> Result<(), RelayError> {
        let reason = match self.task.outcome().await {
            Ok(Some(Ok(()))) => return Ok(()),
            Ok(Some(Err(error))) => Some(error),
            Ok(None) => Some("it was aborted".to_owned()),
            Err(error) => Some(error_chain(&error)),
        };
        Err(RelayError::Stopped { relay: self.name().to_owned(), reason })
    }

    /// Publishes the rest of the current batch, stores the checkpoint, releases the lease, and ends the relay. During
    /// an outage, the relay does not finish the batch: the next holder of the lease continues after the messages that
    /// have been published.
    ///
    /// Each call of the adapter for the batch takes at most the publish timeout. If the storage of the state fails, the
    /// shutdown may take as long as the duration of the lease.
    ///
    /// # Cancellation
    /// If the future is dropped, the relay still shuts down. Dropping the last handle aborts it.
    ///
    /// # Errors
    /// [`RelayError::Stopped`] if the relay has stopped with an error or was aborted.
    pub async fn shutdown(&self) -> Result<(), RelayError> {
        self.task.request_shutdown();
        self.finished().await
    }

    fn stopped(&self, status: RelayStatus) -> RelayError {
        RelayError::Stopped { relay: self.name().to_owned(), reason: status.last_error }
    }
}

impl ServicePart for Relay {
    fn name(&self) -> String {
        format!("relay `{}`", self.name())
    }

    fn finished(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(async { self.finished().await.map_err(|error| Arc::new(error) as PartError) })
    }

    fn shutdown(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(async { self.shutdown().await.map_err(|error| Arc::new(error) as PartError) })
    }

    fn abort(&self) {
        self.task.abort();
    }

    fn health<'a>(&'a self, _: &'a Readiness) -> BoxFuture<'a, PartHealth> {
        Box::pin(async {
            let running = PartHealth::of_running(self).await;
            self.status().health(running)
        })
    }

    fn measure(&self) -> BoxFuture<'_, Vec<Measurement>> {
        Box::pin(async {
            let mut status = self.status();
            let mut of_log = None;
            // The end in the status may be old: the relay does not read the log during an outage or after it has
            // stopped.
            if let Ok(Ok(end)) = timeout(MEASURE_LIMIT, self.log.end()).await {
                status.log_end = status.log_end.max(Some(end.last_position));
                of_log = Some(log_measurement(&end, self.name()));
            }
            let mut measurements = status.measurements(self.name());
            measurements.extend(of_log);
            measurements
        })
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Relay").field("name", &self.name()).field("status", &self.status()).finish()
    }
}
