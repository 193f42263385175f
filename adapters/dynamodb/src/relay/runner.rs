use std::sync::Arc;
use std::time::Duration;

use castore_runtime::Timestamp;
use castore_runtime::channel::Registration;
use castore_runtime::storage::StorageError;
use tokio::sync::watch;
use tokio::time::Instant;

use super::lease::{End, HeldLease};
use super::options::{Options, delay};
use super::state::{BackfillPlace, Head, RelayPlace, RelayState};
use super::term::Term;
use super::{DynamoDbRelayRole, DynamoDbRelayStart, DynamoDbRelayStatus};
use crate::outbox::Outbox;
use crate::{DynamoDbEventStorageAdapter, DynamoDbRelayError, DynamoDbStreamLog, StreamError, StreamStart};

/// A backfill lists aggregates by an index that follows the table: what was stored shortly before it began may not be
/// listed, and is published from the stream.
const INDEX_LAG: Duration = Duration::from_secs(3_600);

/// The task of a relay: takes the lease, leads while it holds it, and begins again.
pub(super) struct Runner {
    pub(super) options: Options,
    pub(super) storage: DynamoDbEventStorageAdapter,
    pub(super) streams: aws_sdk_dynamodbstreams::Client,
    pub(super) state: RelayState,
    pub(super) event_store_ids: Vec<Arc<str>>,
    pub(super) outbox: Box<dyn Outbox>,
    pub(super) shutdown: watch::Receiver<bool>,
    pub(super) look_at_parked: Arc<tokio::sync::Notify>,
    pub(super) wake_ups: watch::Receiver<u64>,
    pub(super) status: StatusSender,
    /// Nobody else publishes while the task lives.
    pub(super) _registration: Registration,
}

/// Says that the relay has stopped when the task ends, however it ends.
pub(super) struct StatusSender(pub(super) watch::Sender<DynamoDbRelayStatus>);

impl Drop for StatusSender {
    fn drop(&mut self) {
        self.0.send_modify(|status| status.role = DynamoDbRelayRole::Stopped);
    }
}

/// The lease as another holds it, and since when it has not changed.
struct Watched {
    head: Head,
    since: Instant,
}

impl Runner {
    pub(super) async fn run(mut self) -> Result<(), DynamoDbRelayError> {
        let mut watched: Option<Watched> = None;
        let mut failures = 0;
        while !*self.shutdown.borrow() {
            let wait = match self.take_lease(&mut watched).await {
                Ok(Some((lease, head))) => {
                    failures = 0;
                    watched = None;
                    match self.lead(lease, head).await {
                        End::Shutdown => return Ok(()),
                        End::Stopped(error) => {
                            self.report(&error.to_string());
                            return Err(error);
                        }
                        End::Again => Duration::ZERO,
                        End::Lost(reason) => {
                            self.report(reason);
                            Duration::ZERO
                        }
                    }
                }
                // Not all that wait come at the same moment.
                Ok(None) => self.options.poll_interval.mul_f64(0.75 + fastrand::f64() / 2.0),
                Err(error) => {
                    failures += 1;
                    self.report(&error.to_string());
                    delay(self.options.outage_backoff, failures)
                }
            };
            tokio::select! {
                // If the handle is gone, so is its task.
                _ = self.shutdown.wait_for(|shutdown| *shutdown) => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        Ok(())
    }

    /// Takes the lease if it was given back, or has not changed for as long as its holder said that it lasts.
    async fn take_lease(&self, watched: &mut Option<Watched>) -> Result<Option<(HeldLease, Head)>, StorageError> {
        let Some(head) = self.state.head().await? else {
            return Err(StorageError::Corrupt {
                what: format!("the state of relay {}, which is not there any more", self.options.name),
            });
        };
        let is_free = head.is_released
            || watched.as_ref().is_some_and(|watched| {
                watched.head.token == head.token
                    && watched.head.beat == head.beat
                    && watched.since.elapsed() >= head.lasts
            });
        if !is_free {
            let is_same = watched
                .as_ref()
                .is_some_and(|watched| watched.head.token == head.token && watched.head.beat == head.beat);
            self.update(|status| status.role = DynamoDbRelayRole::Standby { owner: Some(head.owner.clone()) });
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

    async fn lead(&mut self, lease: HeldLease, head: Head) -> End {
        tracing::info!(relay = self.options.name, "relay leads");
        self.outbox.reset();
        let mut term = Term::new(self, lease, head.place);
        let end = term.run().await;
        let lease = term.into_lease();
        if !matches!(end, End::Lost(_)) {
            lease.release().await;
        }
        let is_again = matches!(end, End::Again);
        self.update(|status| {
            status.is_backfilling &= is_again;
            status.role = DynamoDbRelayRole::Standby { owner: None };
        });
        end
    }

    pub(super) fn update(&self, change: impl FnOnce(&mut DynamoDbRelayStatus)) {
        self.status.0.send_modify(change);
    }

    /// Something failed.
    pub(super) fn report(&self, error: &str) {
        tracing::warn!(relay = self.options.name, error, "relay failed");
        self.update(|status| status.last_error = Some(error.to_owned()));
    }
}

/// Where a relay begins that never ran.
pub(super) async fn first_place(log: &DynamoDbStreamLog, start: DynamoDbRelayStart) -> Result<RelayPlace, StreamError> {
    let (start, backfill) = match start {
        DynamoDbRelayStart::TrimHorizon => (StreamStart::TrimHorizon, None),
        DynamoDbRelayStart::Latest => (StreamStart::Latest, None),
        DynamoDbRelayStart::Backfill => return backfill_place(log).await,
    };
    place(log, start, backfill).await
}

/// All that is stored, and then the stream from before now.
pub(super) async fn backfill_place(log: &DynamoDbStreamLog) -> Result<RelayPlace, StreamError> {
    let lag = i64::try_from(INDEX_LAG.as_millis()).unwrap_or(i64::MAX);
    let since = Timestamp::from_unix_millis(Timestamp::now().unix_millis().saturating_sub(lag));
    let start = since.map_or(StreamStart::TrimHorizon, StreamStart::Since);
    place(log, start, Some(BackfillPlace::default())).await
}

/// The shards are looked at now: if one of them is gone when the relay comes to it, that is noticed.
async fn place(
    log: &DynamoDbStreamLog,
    start: StreamStart,
    backfill: Option<BackfillPlace>,
) -> Result<RelayPlace, StreamError> {
    let mut reader = log.reader(log.cursors(start))?;
    reader.look().await?;
    Ok(RelayPlace { cursors: reader.cursors().clone(), backfill })
}
