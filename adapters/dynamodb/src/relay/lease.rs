use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::options::{Options, delay};
use super::state::{Changes, RelayState, Written};
use crate::DynamoDbRelayError;
use crate::outbox::BeforeCall;

/// Why a term ends.
#[derive(Debug)]
pub(super) enum End {
    /// The relay is to end.
    Shutdown,
    /// Another has the lease, or may have it.
    Lost(&'static str),
    /// There is a gap, and a backfill is to fill it: what was read is of no use.
    Again,
    /// The relay cannot go on.
    Stopped(DynamoDbRelayError),
}

/// A lease that is held.
#[derive(Debug)]
pub(super) struct HeldLease {
    state: RelayState,
    token: u64,
    beat: u64,
    lasts: Duration,
    publish_timeout: Duration,
    backoff: (Duration, Duration),
    /// Until when it is ours, by our own clock, which was read before it was asked for. Others wait for as long from
    /// when they saw the last beat.
    valid_until: Instant,
    pub(super) beat_at: Instant,
}

impl HeldLease {
    pub(super) fn new(state: RelayState, token: u64, asked_at: Instant, options: &Options) -> Self {
        Self {
            state,
            token,
            beat: 0,
            lasts: options.lease,
            publish_timeout: options.publish_timeout,
            backoff: options.outage_backoff,
            valid_until: asked_at + options.lease,
            beat_at: asked_at + options.lease / 3,
        }
    }

    /// Makes sure that the lease lasts longer than a call of the adapter may.
    pub(super) async fn keep(&mut self) -> Result<(), End> {
        let now = Instant::now();
        let is_short = self.valid_until.saturating_duration_since(now) <= self.publish_timeout;
        if now < self.beat_at && !is_short {
            return Ok(());
        }
        self.commit(&Changes::default()).await
    }

    /// Writes and extends the lease, however often it takes, until the lease has run out.
    pub(super) async fn commit(&mut self, changes: &Changes) -> Result<(), End> {
        let mut failures = 0;
        loop {
            let asked_at = Instant::now();
            self.beat += 1;
            // One that has run out may still be ours: it is tried once more.
            let give_up_at = self.valid_until.max(asked_at + self.lasts / 3);
            let error = match timeout_at(give_up_at, self.state.commit(self.token, self.beat, changes)).await {
                Ok(Ok(Written::Done)) => {
                    self.valid_until = asked_at + self.lasts;
                    self.beat_at = asked_at + self.lasts / 3;
                    return Ok(());
                }
                Ok(Ok(Written::Fenced)) => return Err(End::Lost("another relay has taken the lease")),
                Ok(Err(error)) => error.to_string(),
                Err(_) => "DynamoDB did not answer in time".to_owned(),
            };
            tracing::warn!(relay = &*self.state.relay, error, "relay could not keep its cursors");
            if Instant::now() >= self.valid_until {
                return Err(End::Lost("the lease ran out while it could not be extended"));
            }
            failures += 1;
            // Whether it was written or not, it can be written again.
            sleep_until((Instant::now() + delay(self.backoff, failures)).min(self.valid_until)).await;
        }
    }

    /// Waits for something, and keeps the lease meanwhile.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> Result<T, End> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = sleep_until(self.beat_at) => self.commit(&Changes::default()).await?,
            }
        }
    }

    /// Gives it back; if that fails, it runs out.
    pub(super) async fn release(&self) {
        if let Err(error) = self.state.release(self.token).await {
            tracing::warn!(relay = &*self.state.relay, %error, "relay could not give its lease back");
        }
    }
}

#[async_trait]
impl BeforeCall for HeldLease {
    type Error = End;

    async fn before_call(&mut self) -> Result<(), End> {
        self.keep().await
    }
}
