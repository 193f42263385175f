use std::sync::Arc;
use std::time::Duration;

use castore_core::error::error_chain;
use castore_core::time::Timestamp;
use castore_relay::engine::{Backoff, Batch, Outage, Progress, Rejection, delay};
use tokio::time::Instant;

use super::ParkedStreamAggregate;
use super::lease::{End, HeldLease};
use super::runner::Runner;
use super::state::{Changes, RelayPlace};

/// The progress of a relay that holds its lease: the cursors of all shards, the backfill and the parked aggregates.
///
/// The progress is written after each batch, on the condition that the token of the lease is valid. Between two
/// batches, only the lease is extended.
pub(super) struct ShardProgress<'a> {
    pub(super) runner: &'a mut Runner,
    pub(super) lease: HeldLease,
    /// The stored cursors and the stored state of the backfill.
    pub(super) place: RelayPlace,
    pub(super) parked: Vec<ParkedStreamAggregate>,
    pub(super) parked_read_at: Instant,
    backoff: Backoff,
}

impl<'a> ShardProgress<'a> {
    pub(super) fn new(runner: &'a mut Runner, lease: HeldLease, place: RelayPlace) -> Self {
        let backoff = Backoff::new(runner.options.outage_backoff);
        Self { runner, lease, place, parked: Vec::new(), parked_read_at: Instant::now(), backoff }
    }

    /// Returns the id of an event store if the relay publishes the events of this store.
    pub(super) fn ours(&self, event_store_id: &str) -> Option<Arc<str>> {
        self.runner.event_store_ids.iter().find(|ours| ***ours == *event_store_id).cloned()
    }

    pub(super) fn is_parked(&self, event_store_id: &str, aggregate_id: &str) -> bool {
        self.parked.iter().any(|parked| parked.is(event_store_id, aggregate_id))
    }

    /// Creates the entry for an aggregate that the next write of the progress parks.
    pub(super) fn park(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        version: u64,
        error: String,
    ) -> ParkedStreamAggregate {
        ParkedStreamAggregate {
            event_store_id: event_store_id.to_owned(),
            aggregate_id: aggregate_id.to_owned(),
            next_version: version,
            attempts: 1,
            error,
            next_attempt_at: after(delay(self.runner.options.parked_backoff, 1)),
            dropped: false,
        }
    }

    /// Returns the aggregates to park because of the rejections of a batch.
    pub(super) fn parked_by(&self, batch: &Batch) -> Vec<ParkedStreamAggregate> {
        let park = |rejection: &Rejection| {
            let Rejection { event_store_id, aggregate_id, version, error, .. } = rejection;
            self.park(event_store_id, aggregate_id, *version, error.clone())
        };
        batch.rejections().iter().map(park).collect()
    }

    /// Stores another failed attempt to publish a parked aggregate. The next delay is longer.
    pub(super) async fn park_again(&mut self, mut parked: ParkedStreamAggregate, error: String) -> Result<(), End> {
        parked.attempts = parked.attempts.saturating_add(1);
        parked.next_attempt_at = after(delay(self.runner.options.parked_backoff, parked.attempts));
        parked.error = error;
        self.keep_place(vec![parked], Vec::new()).await
    }

    /// Reads the parked aggregates, and retries until this succeeds.
    pub(super) async fn read_parked(&mut self) -> Result<(), End> {
        let state = self.runner.state.clone();
        loop {
            match self.lease.during(state.parked()).await? {
                Ok(parked) => {
                    (self.parked, self.parked_read_at) = (parked, Instant::now());
                    self.update_parked();
                    return Ok(());
                }
                Err(error) => self.back_off(&error_chain(&error)).await?,
            }
        }
    }

    /// Writes the cursors and the backfill, parks aggregates, and removes aggregates that are no longer parked.
    pub(super) async fn keep_place(
        &mut self,
        parked: Vec<ParkedStreamAggregate>,
        freed: Vec<(String, String)>,
    ) -> Result<(), End> {
        let changes = Changes { place: Some(self.place.clone()), parked, freed };
        self.lease.commit(&changes).await?;
        for (event_store_id, aggregate_id) in &changes.freed {
            self.parked.retain(|parked| !parked.is(event_store_id, aggregate_id));
        }
        for parked in changes.parked {
            self.parked.retain(|other| !other.is(&parked.event_store_id, &parked.aggregate_id));
            self.parked.push(parked);
        }
        self.update_parked();
        Ok(())
    }

    fn update_parked(&self) {
        let count = self.parked.len();
        self.runner.status.update(|status| status.parked = count);
    }

    /// Waits after a failure, longer each time, and extends the lease meanwhile.
    pub(super) async fn back_off(&mut self, error: &str) -> Result<(), End> {
        self.runner.status.begin_outage(error);
        let wait = self.backoff.next_delay();
        let shutdown = &self.runner.shutdown;
        let waited = self.lease.during(async {
            tokio::select! {
                () = shutdown.sent() => false,
                () = tokio::time::sleep(wait) => true,
            }
        });
        if waited.await? { Ok(()) } else { Err(End::Shutdown) }
    }

    /// Clears the outage after a success.
    pub(super) fn clear_outage(&mut self) {
        self.backoff.reset();
        self.runner.status.clear_outage();
    }
}

impl Progress for ShardProgress<'_> {
    type End = End;

    async fn before_call(&mut self, _: &Batch) -> Result<(), End> {
        self.lease.keep().await?;
        while self.lease.is_short() {
            if self.runner.shutdown.is_sent() {
                return Err(End::Shutdown);
            }
            // The write took so long that too little of the lease is left. The next write may be faster.
            self.runner
                .status
                .report("the storage of the relay's state is too slow for the lease, so nothing is published");
            self.lease.keep().await?;
        }
        Ok(())
    }

    fn rejected(&mut self, rejection: &Rejection) {
        self.runner.status.rejected(rejection);
    }

    fn report(&mut self, error: &str) {
        self.runner.status.report(error);
    }

    async fn outage(&mut self, outage: &Outage, _: &Batch) -> Result<(), End> {
        self.back_off(&outage.error).await
    }
}

fn after(wait: Duration) -> Timestamp {
    let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    let now = Timestamp::now();
    Timestamp::from_unix_millis(now.unix_millis().saturating_add(wait)).unwrap_or(now)
}
