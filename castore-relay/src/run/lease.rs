//! Extending the lease of a relay, and storing the progress while the relay holds the lease.

use std::pin::Pin;

use castore_core::error::error_chain;
use castore_core::relay::{CommitOutcome, ParkedAggregate, RelayCommit};
use castore_core::storage::StorageError;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::end::End;
use super::progress::LeaseProgress;
use crate::RelayError;
use crate::engine::{Backoff, Batch};

impl LeaseProgress<'_> {
    /// Waits for a read, and extends the lease meanwhile. Returns an error if the relay can no longer hold the lease,
    /// because of a shutdown or because the lease was lost.
    pub(super) async fn keeping_lease<F: Future>(&mut self, mut read: Pin<&mut F>) -> Result<F::Output, End> {
        loop {
            tokio::select! {
                biased;
                read = &mut read => return Ok(read),
                () = self.runner.shutdown.sent() => return Err(End::Shutdown),
                () = sleep_until(self.heartbeat_at) => self.commit(self.safe_position(), Vec::new(), Vec::new()).await?,
            }
        }
    }

    /// Extends the lease if the heartbeat is due, or if the lease could run out during the next call of the adapter.
    /// The progress of the batch that is being published is stored in the same transaction.
    pub(super) async fn keep_lease(&mut self, batch: Option<&Batch>) -> Result<(), End> {
        if Instant::now() < self.heartbeat_at && !self.is_lease_short() {
            return Ok(());
        }
        match batch.filter(|batch| !batch.is_retry()) {
            Some(batch) => {
                self.note_done(batch);
                self.commit(self.position_in(batch), self.parked_by(batch), Vec::new()).await?;
            }
            None => {
                self.commit(self.safe_position(), Vec::new(), Vec::new()).await?;
                self.check_log_end().await?;
            }
        }
        while self.is_lease_short() {
            if self.runner.shutdown.is_sent() {
                return Err(End::Shutdown);
            }
            // The write took so long that too little time of the lease is left. The next write may be faster.
            self.runner
                .status
                .report("the storage of the relay's state is too slow for the lease, so nothing is published");
            self.commit(self.committed, Vec::new(), Vec::new()).await?;
        }
        Ok(())
    }

    /// Returns whether a call of the adapter might outlast the lease.
    fn is_lease_short(&self) -> bool {
        self.valid_until.saturating_duration_since(Instant::now()) <= self.runner.options.publish_timeout
    }

    /// Writes the checkpoint and the parked aggregates, and extends the lease. Failed writes are repeated until the
    /// lease has expired. A write whose outcome is unknown is not repeated: the lease is released, and the term ends.
    pub(super) async fn commit(
        &mut self,
        position: u64,
        parked: Vec<ParkedAggregate>,
        freed: Vec<(String, String)>,
    ) -> Result<(), End> {
        let lasts = self.runner.options.lease;
        let commit = RelayCommit { position, event: self.event.clone(), lasts, parked, freed };
        let mut backoff = Backoff::new(self.runner.options.outage_backoff);
        loop {
            let asked_at = Instant::now();
            // An expired lease is still held if no other process has acquired it, so one more attempt makes sense.
            let give_up_at = self.valid_until.max(asked_at + lasts / 3);
            let (error, is_unknown) =
                match timeout_at(give_up_at, self.runner.state.commit(&self.lease, commit.clone())).await {
                    Ok(Ok(CommitOutcome::Done)) => {
                        self.committed = position;
                        self.valid_until = asked_at + lasts;
                        self.heartbeat_at = asked_at + lasts / 3;
                        return Ok(());
                    }
                    Ok(Ok(CommitOutcome::Fenced)) => return Err(End::Lost("another process has acquired the lease")),
                    Ok(Err(error)) => (error_chain(&error), matches!(error, StorageError::UnknownOutcome(_))),
                    Err(_) => ("the storage of the relay's state did not respond in time".to_owned(), true),
                };
            self.runner.status.report(&format!("could not store the checkpoint: {error}"));
            if is_unknown {
                // The storage may still execute this write, even after later writes of this process. Only a new token
                // prevents this write from undoing the later writes.
                let _ = timeout(lasts / 3, self.runner.state.release(&self.lease)).await;
                return Err(End::Lost(
                    "it is unknown whether the checkpoint was stored, so the lease is acquired again",
                ));
            }
            if Instant::now() >= self.valid_until {
                return Err(End::Lost("the lease expired before it could be extended"));
            }
            // The failed write has changed nothing, so it is repeated.
            let wait = Instant::now() + backoff.next_delay();
            sleep_until(wait.min(self.valid_until)).await;
        }
    }

    /// Reads the end of the log for the status, and checks that the log has not lost events.
    async fn check_log_end(&mut self) -> Result<(), End> {
        let end = timeout(self.runner.options.publish_timeout, self.runner.log.end()).await;
        match end.unwrap_or_else(|_| Err(StorageError::engine("the event log did not respond in time"))) {
            Ok(end) if end.last_position < self.scanned => Err(End::Stopped(RelayError::LogTakenBack {
                relay: self.runner.options.name.clone(),
                position: self.scanned,
                last: end.last_position,
            })),
            Ok(end) => {
                self.runner.status.update(|status| status.log_end = Some(end.last_position));
                Ok(())
            }
            // The next read of the log reports the error.
            Err(_) => Ok(()),
        }
    }
}
