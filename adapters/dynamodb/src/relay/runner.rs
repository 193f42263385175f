use std::sync::Arc;
use std::time::Duration;

use castore_core::channel::Registration;
use castore_core::error::error_chain;
use castore_core::storage::StorageError;
use castore_core::task::Signal;
use castore_core::time::Timestamp;
use castore_relay::engine::{Backoff, ParkedChanges, Publisher, RelayOptions, StatusSender};
use tokio::sync::watch;
use tokio::time::Instant;

use super::lease::{End, HeldLease};
use super::progress::ShardProgress;
use super::state::{BackfillPlace, Head, RelayPlace, RelayState};
use super::term::Term;
use super::{DynamoDbRelayStart, OnGap};
use crate::{DynamoDbEventStorageAdapter, DynamoDbRelayError, DynamoDbStreamLog, StreamError, StreamStart};

/// The period before a backfill that is also read from the stream. A backfill lists the aggregates with an index that
/// is updated after the table. Aggregates whose first events were stored shortly before the backfill began may be
/// missing from the list. Their events are published from the stream.
const INDEX_LAG: Duration = Duration::from_secs(3_600);

/// The task of a relay, which repeatedly takes the lease, and publishes while it holds the lease.
pub(super) struct Runner {
    pub(super) options: RelayOptions,
    pub(super) on_gap: OnGap,
    pub(super) storage: DynamoDbEventStorageAdapter,
    pub(super) streams: aws_sdk_dynamodbstreams::Client,
    pub(super) state: RelayState,
    pub(super) event_store_ids: Vec<Arc<str>>,
    pub(super) shutdown: Signal,
    pub(super) parked_changes: Arc<ParkedChanges>,
    pub(super) wake_ups: watch::Receiver<u64>,
    pub(super) status: StatusSender,
    /// Prevents other publishers on the channel in this process while the task runs.
    pub(super) _registration: Registration,
}

/// The lease of another process, and the time when its last change was observed.
struct Watched {
    head: Head,
    since: Instant,
}

impl Runner {
    pub(super) async fn run(mut self, mut publisher: Publisher) -> Result<(), DynamoDbRelayError> {
        let mut watched: Option<Watched> = None;
        let mut backoff = Backoff::new(self.options.outage_backoff);
        while !self.shutdown.is_sent() {
            let wait = match self.take_lease(&mut watched).await {
                Ok(Some((lease, head))) => {
                    backoff.reset();
                    watched = None;
                    match self.lead(&mut publisher, lease, head).await {
                        End::Shutdown => return Ok(()),
                        End::Stopped(error) => {
                            self.status.report(&error_chain(&error));
                            return Err(error);
                        }
                        End::Again => Duration::ZERO,
                        End::Lost(reason) => {
                            self.status.report(reason);
                            Duration::ZERO
                        }
                    }
                }
                // A random delay prevents waiting processes from requesting the lease at the same time.
                Ok(None) => self.options.poll_interval.mul_f64(0.75 + fastrand::f64() / 2.0),
                Err(error) => {
                    self.status.report(&error_chain(&error));
                    backoff.next_delay()
                }
            };
            tokio::select! {
                () = self.shutdown.sent() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        Ok(())
    }

    /// Acquires the lease if it was released or has expired. The lease has expired if no heartbeat of its holder was
    /// observed for the duration that is stored with the lease.
    async fn take_lease(&self, watched: &mut Option<Watched>) -> Result<Option<(HeldLease, Head)>, StorageError> {
        let Some(head) = self.state.head().await? else {
            return Err(StorageError::Corrupt {
                what: format!("the state of relay {}, which no longer exists", self.options.name),
            });
        };
        let is_free = head.is_released
            || watched.as_ref().is_some_and(|watched| {
                watched.head.token == head.token
                    && watched.head.heartbeat == head.heartbeat
                    && watched.since.elapsed() >= head.lasts
            });
        if !is_free {
            let is_same = watched
                .as_ref()
                .is_some_and(|watched| watched.head.token == head.token && watched.head.heartbeat == head.heartbeat);
            self.status.stand_by(Some(head.owner.clone()));
            self.status.clear_outage();
            if !is_same {
                *watched = Some(Watched { head, since: Instant::now() });
            }
            return Ok(None);
        }
        let asked_at = Instant::now();
        let token = self.state.take(&head, &self.options.owner, self.options.lease).await?;
        *watched = None;
        Ok(token.map(|token| (HeldLease::new(self.state.clone(), token, asked_at, &self.options), head)))
    }

    async fn lead(&mut self, publisher: &mut Publisher, lease: HeldLease, head: Head) -> End {
        tracing::info!(relay = self.options.name, "a relay became the leader");
        publisher.reset();
        let mut term = Term::new(publisher, ShardProgress::new(self, lease, head.place));
        let end = term.run().await;
        let lease = term.into_lease();
        if !matches!(end, End::Lost(_)) {
            lease.release().await;
        }
        let is_again = matches!(end, End::Again);
        self.status.stand_by(None);
        self.status.update(|status| status.is_backfilling &= is_again);
        end
    }
}

/// Returns the position at which a new relay starts.
pub(super) async fn first_place(log: &DynamoDbStreamLog, start: DynamoDbRelayStart) -> Result<RelayPlace, StreamError> {
    let (start, backfill) = match start {
        DynamoDbRelayStart::TrimHorizon => (StreamStart::TrimHorizon, None),
        DynamoDbRelayStart::Now => (StreamStart::Latest, None),
        DynamoDbRelayStart::Beginning => return backfill_place(log).await,
    };
    place(log, start, backfill).await
}

/// Returns the position at which a relay begins a backfill. After the backfill, the relay continues with the stream
/// from a time before the backfill began.
pub(super) async fn backfill_place(log: &DynamoDbStreamLog) -> Result<RelayPlace, StreamError> {
    let lag = i64::try_from(INDEX_LAG.as_millis()).unwrap_or(i64::MAX);
    let since = Timestamp::from_unix_millis(Timestamp::now().unix_millis().saturating_sub(lag));
    let start = since.map_or(StreamStart::TrimHorizon, StreamStart::Since);
    place(log, start, Some(BackfillPlace::default())).await
}

/// Returns a position that contains the current list of shards. With this list, the relay notices if a shard has
/// expired before the relay has read it.
async fn place(
    log: &DynamoDbStreamLog,
    start: StreamStart,
    backfill: Option<BackfillPlace>,
) -> Result<RelayPlace, StreamError> {
    let mut reader = log.reader(log.cursors(start))?;
    reader.check().await?;
    Ok(RelayPlace { cursors: reader.cursors().clone(), backfill })
}
