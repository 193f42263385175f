//! Keeping the lease, and what is kept with it.

use std::pin::Pin;

use castore_runtime::relay::{Committed, ParkedAggregate, RelayCommit};
use castore_runtime::storage::StorageError;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::backoff::Backoff;
use super::batch::Batch;
use super::term::{End, Term};

impl Term<'_> {
    /// Waits for something that is read, and keeps the lease meanwhile.
    pub(super) async fn keeping_lease<F: Future>(&mut self, mut read: Pin<&mut F>) -> Result<F::Output, End> {
        loop {
            tokio::select! {
                biased;
                read = &mut read => return Ok(read),
                () = self.runner.signals.shutdown() => return Err(End::Shutdown),
                () = sleep_until(self.heartbeat_at) => self.commit(self.safe(), Vec::new(), Vec::new()).await?,
            }
        }
    }

    /// Makes sure that the lease lasts longer than a call of the adapter may, and that others see it held. With a
    /// batch on its way, what is published of it is kept.
    pub(super) async fn keep_lease(&mut self, batch: Option<&Batch>) -> Result<(), End> {
        if Instant::now() < self.heartbeat_at && !self.is_lease_short() {
            return Ok(());
        }
        match batch.filter(|batch| batch.is_live()) {
            Some(batch) => {
                let position = batch.position().max(self.committed);
                self.commit(position, batch.parked().to_vec(), Vec::new()).await?;
            }
            None => {
                self.commit(self.safe(), Vec::new(), Vec::new()).await?;
                self.look_at_end().await?;
            }
        }
        while self.is_lease_short() {
            if self.runner.signals.is_shut_down() {
                return Err(End::Shutdown);
            }
            // What is written next will be faster, or never leave enough of the lease.
            self.runner.report("the storage of the relay's state is too slow for the lease: nothing is published");
            self.commit(self.committed, Vec::new(), Vec::new()).await?;
        }
        Ok(())
    }

    /// Whether a call of the adapter might outlast the lease.
    fn is_lease_short(&self) -> bool {
        self.valid_until.saturating_duration_since(Instant::now()) <= self.runner.options.publish_timeout
    }

    /// Writes checkpoint and parking and extends the lease, however often it takes, until the lease has run out.
    pub(super) async fn commit(
        &mut self,
        position: u64,
        parked: Vec<ParkedAggregate>,
        freed: Vec<(String, String)>,
    ) -> Result<(), End> {
        let lasts = self.runner.options.lease;
        let commit = RelayCommit { position, lasts, parked, freed };
        let mut backoff = Backoff::new(self.runner.options.outage_backoff);
        loop {
            let asked_at = Instant::now();
            // One that has run out may still be ours: it is tried once more.
            let give_up_at = self.valid_until.max(asked_at + lasts / 3);
            let (error, is_unknown) =
                match timeout_at(give_up_at, self.runner.state.commit(&self.lease, commit.clone())).await {
                    Ok(Ok(Committed::Done)) => {
                        self.committed = position;
                        self.valid_until = asked_at + lasts;
                        self.heartbeat_at = asked_at + lasts / 3;
                        return Ok(());
                    }
                    Ok(Ok(Committed::Fenced)) => return Err(End::Lost("another relay has taken the lease")),
                    Ok(Err(error)) => (error.to_string(), matches!(error, StorageError::UnknownOutcome(_))),
                    Err(_) => ("the storage of the relay's state did not answer in time".to_owned(), true),
                };
            self.runner.report(&format!("could not keep the checkpoint: {error}"));
            if is_unknown {
                // It may still arrive, after others: only a new token keeps it from undoing what they write.
                let _ = timeout(lasts / 3, self.runner.state.release(&self.lease)).await;
                return Err(End::Lost("whether the checkpoint was kept is not known: the lease is taken anew"));
            }
            if Instant::now() >= self.valid_until {
                return Err(End::Lost("the lease ran out while it could not be extended"));
            }
            // It was not written.
            let wait = Instant::now() + backoff.next();
            sleep_until(wait.min(self.valid_until)).await;
        }
    }

    /// Nothing can be published, or read, for now: waits a while, longer each time, and keeps the lease.
    pub(super) async fn outage(&mut self, error: &str, batch: Option<&Batch>) -> Result<(), End> {
        self.runner.report(error);
        self.runner.update(|status| status.outage = Some(error.to_owned()));
        let until = Instant::now() + self.backoff.next();
        loop {
            self.keep_lease(batch).await?;
            let step = until.min(self.heartbeat_at);
            tokio::select! {
                () = self.runner.signals.shutdown() => return Err(End::Shutdown),
                () = sleep_until(step) => {}
            }
            if Instant::now() >= until {
                return Ok(());
            }
        }
    }
}
