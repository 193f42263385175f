use std::sync::Arc;
use std::time::Duration;

use castore_runtime::channel::Registration;
use castore_runtime::error_chain;
use castore_runtime::log::{EventLog, LogFilter, LogId, WakeUps};
use castore_runtime::relay::{AcquireLease, Acquired, Lease, RelayCheckpoint, RelayStorageAdapter};
use castore_runtime::storage::StorageError;
use tokio::sync::watch;
use tokio::time::Instant;

use super::Signals;
use super::term::{End, Term};
use crate::engine::{Backoff, Publisher, RelayOptions, StatusSender, catch_panic};
use crate::{Relay, RelayAdmin, RelayError, RelayStart};

/// The task of a relay: takes the lease, publishes while it holds the lease, and starts again.
pub(crate) struct Runner {
    pub(super) options: RelayOptions,
    pub(super) log: Arc<dyn EventLog>,
    pub(super) state: Arc<dyn RelayStorageAdapter>,
    pub(super) filter: LogFilter,
    pub(super) signals: Arc<Signals>,
    pub(super) log_wake_ups: WakeUps,
    pub(super) channel_wake_ups: watch::Receiver<u64>,
    pub(super) status: StatusSender,
    /// Prevents other publishers on the channel in this process while the task runs.
    _registration: Registration,
}

/// A lease that was taken.
pub(super) struct Taken {
    pub(super) lease: Lease,
    pub(super) checkpoint: RelayCheckpoint,
    /// The time of the request. The lease lasts from then, at least.
    pub(super) asked_at: Instant,
}

impl Runner {
    /// Checks that the relay can run, takes the lease if it is free, and spawns the task.
    pub(crate) async fn start(
        options: RelayOptions,
        log: Arc<dyn EventLog>,
        state: Arc<dyn RelayStorageAdapter>,
        filter: LogFilter,
        publisher: Publisher,
        registration: Registration,
        start: RelayStart,
    ) -> Result<Relay, RelayError> {
        let name: Arc<str> = Arc::from(options.name.as_str());
        let failed = |error| RelayError::storage(&name)(error);
        let log_id = log.log_id().await.map_err(failed)?;
        let known = state.checkpoint(&name).await.map_err(failed)?;
        let first = match (&known, start) {
            (Some(known), _) => known.position,
            (None, RelayStart::Beginning) => 0,
            (None, RelayStart::Now) => log.end().await.map_err(failed)?.settled,
            (None, RelayStart::After(position)) => {
                let last = log.end().await.map_err(failed)?.last;
                if position > last {
                    return Err(RelayError::StartBeyondEnd { relay: name.to_string(), position, last });
                }
                position
            }
        };
        let expected = known.unwrap_or(RelayCheckpoint { position: first, log_id: log_id.clone(), owner: None });
        check(&name, &*log, &log_id, &expected).await?;
        let (signals, status) = (Arc::new(Signals::default()), StatusSender::new(&name));
        let relay_status = status.subscribe();
        let log_wake_ups = log.wake_ups().await;
        let channel_wake_ups = registration.wake_ups();
        let runner = Self {
            options,
            log: log.clone(),
            state: state.clone(),
            filter,
            signals: signals.clone(),
            log_wake_ups,
            channel_wake_ups,
            status,
            _registration: registration,
        };
        // The lease is taken here, so that the checkpoint of a new relay is stored when this function returns.
        let taken = runner.take_lease(&log_id, first).await.map_err(failed)?;
        let task = tokio::spawn(runner.run(publisher, first, taken));
        Ok(Relay { admin: RelayAdmin::erased(name, state), log, status: relay_status, signals, task })
    }

    async fn run(mut self, mut publisher: Publisher, first: u64, taken: Option<Taken>) {
        let mut next = taken;
        let mut backoff = Backoff::new(self.options.outage_backoff);
        while !self.signals.is_shut_down() {
            let led = match next.take() {
                Some(taken) => Some(self.lead(&mut publisher, taken).await),
                None => None,
            };
            let wait = match led {
                Some(End::Shutdown) => break,
                Some(End::Stopped(error)) => {
                    self.status.report(&error_chain(&error));
                    break;
                }
                Some(End::Lost(reason)) => {
                    self.status.report(reason);
                    Duration::ZERO
                }
                Some(End::Panicked(panic)) => {
                    self.status.report(&panic);
                    backoff.next_delay()
                }
                None => match catch_panic(self.stand_by(first))
                    .await
                    .unwrap_or_else(|panic| Err(StorageError::engine(format!("the storage of the relay {panic}"))))
                {
                    Ok(Some(taken)) => {
                        backoff.reset();
                        next = Some(taken);
                        continue;
                    }
                    Ok(None) => continue,
                    Err(error) => {
                        self.status.report(&error_chain(&error));
                        backoff.next_delay()
                    }
                },
            };
            self.status.stand_by(None);
            tokio::select! {
                () = self.signals.shutdown() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Requests the lease, and waits for a moment if another process has it.
    async fn stand_by(&mut self, first: u64) -> Result<Option<Taken>, StorageError> {
        let log_id = self.log.log_id().await?;
        if let Some(taken) = self.take_lease(&log_id, first).await? {
            return Ok(Some(taken));
        }
        let checkpoint = self.state.checkpoint(&self.options.name).await?;
        self.status.stand_by(checkpoint.as_ref().and_then(|checkpoint| checkpoint.owner.clone()));
        self.status.clear_outage();
        self.status.update(|status| {
            status.position = checkpoint.as_ref().map(|checkpoint| checkpoint.position);
            status.checkpoint = status.position;
        });
        // Processes that wait for the lease do not all request it at the same moment.
        let wait = self.options.poll_interval.mul_f64(0.75 + fastrand::f64() / 2.0);
        tokio::select! {
            () = self.signals.shutdown() => {}
            () = tokio::time::sleep(wait) => {}
        }
        Ok(None)
    }

    async fn take_lease(&self, log_id: &LogId, first: u64) -> Result<Option<Taken>, StorageError> {
        let asked_at = Instant::now();
        let request = AcquireLease {
            relay: &self.options.name,
            owner: &self.options.owner,
            lasts: self.options.lease,
            log_id,
            first,
        };
        Ok(match self.state.acquire(request).await? {
            Acquired::Lease { lease, checkpoint } => Some(Taken { lease, checkpoint, asked_at }),
            Acquired::HeldByOther { .. } => None,
        })
    }

    /// Publishes until the lease is lost or the relay is shut down.
    async fn lead(&mut self, publisher: &mut Publisher, taken: Taken) -> End {
        let name = self.options.name.clone();
        tracing::info!(relay = name, token = taken.lease.token, position = taken.checkpoint.position, "relay leads");
        let lease = taken.lease.clone();
        let term = catch_panic(async {
            match Term::begin(self, publisher, taken).await {
                Ok(mut term) => term.run().await,
                Err(end) => end,
            }
        });
        let end = term.await.unwrap_or_else(End::Panicked);
        match &end {
            End::Lost(reason) => tracing::warn!(relay = name, reason, "relay lost its lease"),
            End::Shutdown | End::Stopped(_) | End::Panicked(_) => {
                // A lease that cannot be released runs out.
                if let Err(error) = self.state.release(&lease).await {
                    tracing::warn!(relay = name, error = error_chain(&error), "relay could not release its lease");
                }
            }
        }
        end
    }
}

/// Checks that a checkpoint belongs to the log and is not beyond its end. Returns the last position of the log.
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
    let last = log.end().await.map_err(RelayError::storage(relay))?.last;
    if last < checkpoint.position {
        return Err(RelayError::LogTakenBack { relay: relay.to_owned(), position: checkpoint.position, last });
    }
    Ok(last)
}
