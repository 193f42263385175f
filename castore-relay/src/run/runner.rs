use std::sync::Arc;

use castore_core::channel::Registration;
use castore_core::log::{EventLog, LogFilter, LogId, WakeUps};
use castore_core::relay::{AcquireLease, Lease, LeaseOutcome, RelayCheckpoint, RelayStorageAdapter};
use castore_core::storage::StorageError;
use castore_core::task::Signal;
use tokio::sync::watch;
use tokio::time::Instant;

use super::identity::LogPosition;
use crate::engine::{ParkedChanges, RelayOptions, StatusSender};
use crate::error::RelayError;

/// The values that the task of a relay owns.
pub(super) struct Runner {
    pub(super) options: RelayOptions,
    pub(super) log: Arc<dyn EventLog>,
    pub(super) state: Arc<dyn RelayStorageAdapter>,
    pub(super) filter: LogFilter,
    pub(super) shutdown: Signal,
    pub(super) parked_changes: Arc<ParkedChanges>,
    pub(super) log_wake_ups: WakeUps,
    pub(super) channel_wake_ups: watch::Receiver<u64>,
    pub(super) status: StatusSender,
    /// Prevents other publishers on the channel in this process while the task runs.
    pub(super) _registration: Registration,
}

/// A lease that was acquired.
pub(super) struct Taken {
    pub(super) lease: Lease,
    pub(super) checkpoint: RelayCheckpoint,
    /// The time of the request, and thus the earliest start of the lease.
    pub(super) asked_at: Instant,
}

impl Runner {
    /// Requests the lease. If another process holds it, waits for about one poll interval and returns `None`.
    pub(super) async fn stand_by(&mut self, first: u64) -> Result<Option<Taken>, StorageError> {
        let log_id = self.log.log_id().await?;
        if let Some(taken) = self.take_lease(&log_id, first).await? {
            return Ok(Some(taken));
        }
        let checkpoint = self.state.checkpoint(&self.options.name).await?;
        self.status.stand_by(checkpoint.as_ref().and_then(|checkpoint| checkpoint.owner.clone()));
        self.status.clear_outage();
        self.status.update(|status| {
            status.position = checkpoint.as_ref().map(|checkpoint| checkpoint.position);
            status.event = checkpoint.as_ref().and_then(|checkpoint| checkpoint.event.clone());
            status.checkpoint = status.position;
        });
        // A random delay prevents waiting processes from requesting the lease at the same time.
        let wait = self.options.poll_interval.mul_f64(0.75 + fastrand::f64() / 2.0);
        tokio::select! {
            () = self.shutdown.sent() => {}
            () = tokio::time::sleep(wait) => {}
        }
        Ok(None)
    }

    pub(super) async fn take_lease(&self, log_id: &LogId, first: u64) -> Result<Option<Taken>, StorageError> {
        let asked_at = Instant::now();
        let request = AcquireLease {
            relay: &self.options.name,
            owner: &self.options.owner,
            lasts: self.options.lease,
            log_id,
            first,
        };
        Ok(match self.state.acquire(request).await? {
            LeaseOutcome::Lease { lease, checkpoint } => Some(Taken { lease, checkpoint, asked_at }),
            LeaseOutcome::HeldByOther { .. } => None,
        })
    }
}

/// Checks that a checkpoint belongs to the log, that the log still has the event of the checkpoint, and that the log
/// does not end before the checkpoint. Returns the last position of the log.
pub(super) async fn check(
    relay: &str,
    log: &dyn EventLog,
    log_id: &LogId,
    checkpoint: &RelayCheckpoint,
) -> Result<u64, RelayError> {
    if checkpoint.log_id != *log_id {
        return Err(RelayError::OtherLog {
            relay: relay.to_owned(),
            checkpoint: checkpoint.log_id.clone(),
            log: log_id.clone(),
        });
    }
    let RelayCheckpoint { position, log_id, event, .. } = checkpoint;
    LogPosition { log_id, position: *position, event: event.as_ref() }.check(relay, log).await?;
    let last = log.end().await.map_err(RelayError::storage(relay))?.last_position;
    if last < checkpoint.position {
        return Err(RelayError::LogTakenBack { relay: relay.to_owned(), position: checkpoint.position, last });
    }
    Ok(last)
}
