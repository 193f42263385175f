use std::time::Duration;

use castore_core::error::error_chain;
use castore_relay::engine::{Backoff, RelayOptions};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::state::{Changes, RelayState, Written};
use crate::DynamoDbRelayError;

/// The reason why a term ends. A term is the time during which the relay holds the lease.
#[derive(Debug)]
pub(super) enum End {
    /// The relay was asked to shut down.
    Shutdown,
    /// Another process holds the lease, or may hold it.
    Lost(&'static str),
    /// The stream has a gap, and a backfill was recorded: the relay starts again from the stored state.
    Again,
    /// The relay cannot continue.
    Stopped(DynamoDbRelayError),
}

/// The lease of the relay while this process holds it.
#[derive(Debug)]
pub(super) struct HeldLease {
    state: RelayState,
    token: u64,
    heartbeat: u64,
    lasts: Duration,
    publish_timeout: Duration,
    backoff: (Duration, Duration),
    /// The time, by the local clock, at which this process must stop publishing. It is calculated from a time before
    /// the request that acquired or extended the lease. Another process can acquire the lease only later, because it
    /// waits for the full duration after it has seen the last heartbeat.
    valid_until: Instant,
    pub(super) heartbeat_at: Instant,
}

impl HeldLease {
    pub(super) fn new(state: RelayState, token: u64, asked_at: Instant, options: &RelayOptions) -> Self {
        Self {
            state,
            token,
            heartbeat: 0,
            lasts: options.lease,
            publish_timeout: options.publish_timeout,
            backoff: options.outage_backoff,
            valid_until: asked_at + options.lease,
            heartbeat_at: asked_at + options.lease / 3,
        }
    }

    /// Extends the lease if the heartbeat is due, or if the lease could expire during the next call of the channel's
    /// adapter.
    pub(super) async fn keep(&mut self) -> Result<(), End> {
        if Instant::now() < self.heartbeat_at && !self.is_short() {
            return Ok(());
        }
        self.commit(&Changes::default()).await
    }

    /// Returns whether a call of the channel's adapter might outlast the lease.
    pub(super) fn is_short(&self) -> bool {
        self.valid_until.saturating_duration_since(Instant::now()) <= self.publish_timeout
    }

    /// Writes changes and extends the lease. Failed writes are repeated until the lease has expired.
    pub(super) async fn commit(&mut self, changes: &Changes) -> Result<(), End> {
        let mut backoff = Backoff::new(self.backoff);
        loop {
            let asked_at = Instant::now();
            self.heartbeat += 1;
            // An expired lease is still held if no other process has acquired it, so one more attempt makes sense.
            let give_up_at = self.valid_until.max(asked_at + self.lasts / 3);
            let error = match timeout_at(give_up_at, self.state.commit(self.token, self.heartbeat, changes)).await {
                Ok(Ok(Written::Done)) => {
                    self.valid_until = asked_at + self.lasts;
                    self.heartbeat_at = asked_at + self.lasts / 3;
                    return Ok(());
                }
                Ok(Ok(Written::Fenced)) => return Err(End::Lost("another process has acquired the lease")),
                Ok(Err(error)) => error_chain(&error),
                Err(_) => "DynamoDB did not respond in time".to_owned(),
            };
            tracing::warn!(relay = &*self.state.relay, error, "a relay could not store its progress");
            if Instant::now() >= self.valid_until {
                return Err(End::Lost("the lease expired before it could be extended"));
            }
            // The changes can be written again, whether or not the failed attempt wrote them. The retry has a higher
            // heartbeat, so the failed write cannot be executed after it.
            sleep_until((Instant::now() + backoff.next_delay()).min(self.valid_until)).await;
        }
    }

    /// Waits for a future, and extends the lease meanwhile.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> Result<T, End> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = sleep_until(self.heartbeat_at) => self.commit(&Changes::default()).await?,
            }
        }
    }

    /// Releases the lease. If this fails, the lease expires later.
    pub(super) async fn release(&self) {
        if let Err(error) = self.state.release(self.token).await {
            tracing::warn!(
                relay = &*self.state.relay,
                error = error_chain(&error),
                "a relay could not release its lease"
            );
        }
    }
}
