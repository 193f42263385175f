use std::fmt;
use std::future::ready;
use std::sync::Arc;

use castore_core::channel::MessageChannel;
use castore_core::future::BoxFuture;
use castore_core::metrics::Measurement;
use castore_core::service::{PartError, PartHealth, Readiness, ServicePart};
use castore_core::storage::StorageError;
use castore_core::task::BackgroundTask;
use castore_relay::RelayStatus;
use castore_relay::engine::ParkedChanges;
use tokio::sync::watch;

use super::state::{RelayState, TABLE};
use super::{DynamoDbRelayBuilder, ParkedStreamAggregate};
use crate::{CreateTableError, DynamoDbEventStorageAdapter, DynamoDbRelayError};

/// A running relay, which reads the stream of a table and publishes the events of event stores on a channel. Messages
/// are published at least once, and in order for each aggregate, except for redeliveries.
///
/// The relay runs until it is [shut down](Self::shutdown) or stops because of an error. Clones are handles of the same
/// relay. Dropping the last clone aborts the relay, as a crash would: another process takes over when the lease has
/// expired.
///
/// ```no_run
/// # async fn example<C, S>(
/// #     channel: C,
/// #     store: S,
/// #     storage: castore_dynamodb::DynamoDbEventStorageAdapter,
/// #     streams: aws_sdk_dynamodbstreams::Client,
/// # ) -> Result<(), Box<dyn std::error::Error>>
/// # where C: castore_core::channel::MessageChannel, S: castore_dynamodb::PublishableOn<C> {
/// use castore_dynamodb::{DynamoDbRelay, DynamoDbRelayStart};
///
/// DynamoDbRelay::create_relay_table(&storage, "relays").await?;
/// let relay = DynamoDbRelay::builder(channel)
///     .publish(&store)
///     .start(&storage, streams, "relays", DynamoDbRelayStart::Beginning)
///     .await?;
/// // ... and when the service ends:
/// relay.shutdown().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Guarantees
/// * At any time, one process publishes the events of all shards of the stream. Other processes that run the same relay
///   take over when that process ends or crashes. Every write of the relay's state succeeds only while no other process
///   has acquired the lease. A process that was paused until its lease expired may repeat one call of the adapter, so
///   redeliveries may be out of order.
/// * After a crash, at most one batch of each shard is published again, or, during a backfill, the events of at most
///   100 aggregates.
/// * A message that can never be published parks its aggregate: this message and the later messages of the aggregate
///   wait, and the messages of all other aggregates are published. An outage parks no aggregate: the relay waits. The
///   events of a parked aggregate are published from the table later. If the stream delivers some of them afterwards,
///   they are published again.
/// * Overwriting an event with a forced push does not publish the event again.
/// * After its start, the relay skips no event of its event stores, except those that
///   [`drop_message`](Self::drop_message) drops. If events have expired from the stream, the relay stops or does a
///   backfill: see [`on_gap`](DynamoDbRelayBuilder::on_gap).
///
/// # Backfill
/// The relay first stores the list of the stream's shards. It then publishes all events of each aggregate, store by
/// store, and in the order in which the aggregates began. Finally, it continues with the stream, from one hour before
/// the backfill began. Events that were stored since that time may be published twice. Messages are not marked as
/// replayed. A backfill neither lists nor publishes aggregates without an event of version 1. If a backfill takes more
/// than 24 hours, the next records of the stream have expired, and [`on_gap`](DynamoDbRelayBuilder::on_gap) applies
/// again.
///
/// # Limits
/// There are no positions: callers cannot wait until an event is published, and events of different aggregates are
/// published in any order. The cursors of all shards are in one item, which has space for about 2,000 shards. A shard
/// may return empty pages between its records. While no shard returns records, the relay waits for the poll interval
/// between two reads, so such a stream is read slowly. In a global table, the relay of one region publishes the events
/// of all regions: run it in one region only.
#[derive(Clone)]
#[must_use = "dropping the last handle stops the relay"]
pub struct DynamoDbRelay {
    state: RelayState,
    status: watch::Receiver<RelayStatus>,
    parked_changes: Arc<ParkedChanges>,
    task: BackgroundTask<Result<(), Arc<DynamoDbRelayError>>>,
}

impl DynamoDbRelay {
    /// Returns a builder for a relay that publishes on this channel.
    pub fn builder<C: MessageChannel>(channel: C) -> DynamoDbRelayBuilder<C> {
        DynamoDbRelayBuilder::new(channel)
    }

    /// Creates a table for the state of relays in the account of the storage, billed per request, and returns when the
    /// table can be used. An existing table is not changed. The keys of the table are `relay` (S) and `item` (S). Any
    /// number of relays may share a table.
    ///
    /// # Errors
    /// See the variants of [`CreateTableError`].
    pub async fn create_relay_table(
        storage: &DynamoDbEventStorageAdapter,
        table_name: &str,
    ) -> Result<(), CreateTableError> {
        TABLE.create(storage.requests(), table_name).await
    }

    pub(super) fn new(
        state: RelayState,
        status: watch::Receiver<RelayStatus>,
        parked_changes: Arc<ParkedChanges>,
        task: BackgroundTask<Result<(), Arc<DynamoDbRelayError>>>,
    ) -> Self {
        Self { state, status, parked_changes, task }
    }

    /// Returns the name of the relay.
    pub fn name(&self) -> &str {
        &self.state.relay
    }

    /// Returns the current status.
    pub fn status(&self) -> RelayStatus {
        self.status.borrow().clone()
    }

    /// Returns a receiver of status changes.
    pub fn status_changes(&self) -> watch::Receiver<RelayStatus> {
        self.status.clone()
    }

    /// Returns the parked aggregates, regardless of which process holds the lease.
    ///
    /// # Errors
    /// [`DynamoDbRelayError::Storage`] if the table of the relay's state cannot be read.
    pub async fn parked(&self) -> Result<Vec<ParkedStreamAggregate>, DynamoDbRelayError> {
        self.state.parked().await.map_err(|source| self.failed(source))
    }

    /// Makes the next attempt for a parked aggregate due immediately. Returns whether the aggregate was parked.
    ///
    /// # Errors
    /// [`DynamoDbRelayError::Storage`] if the table of the relay's state cannot be written.
    pub async fn retry(&self, event_store_id: &str, aggregate_id: &str) -> Result<bool, DynamoDbRelayError> {
        self.make_due(event_store_id, aggregate_id, None).await
    }

    /// Drops the message about the event of this version, if the aggregate is parked at that event. The relay continues
    /// with the later events. Returns whether the aggregate was parked at that event.
    ///
    /// # Errors
    /// [`DynamoDbRelayError::Storage`] if the table of the relay's state cannot be written.
    pub async fn drop_message(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        version: u64,
    ) -> Result<bool, DynamoDbRelayError> {
        self.make_due(event_store_id, aggregate_id, Some(version)).await
    }

    async fn make_due(&self, store: &str, aggregate: &str, drop: Option<u64>) -> Result<bool, DynamoDbRelayError> {
        let was_parked = self.state.make_due(store, aggregate, drop).await.map_err(|source| self.failed(source))?;
        self.parked_changes.announce();
        Ok(was_parked)
    }

    fn failed(&self, source: StorageError) -> DynamoDbRelayError {
        DynamoDbRelayError::Storage { relay: self.state.relay.to_string(), source }
    }

    /// Waits until the relay has stopped. Returns `Ok` after a shutdown, and otherwise the error that stopped the
    /// relay. Any number of callers may wait.
    ///
    /// # Cancellation
    /// If the future is dropped, the relay continues.
    ///
    /// # Errors
    /// [`DynamoDbRelayError::Stream`] if the stream has no new images, or if events are missing from the stream and the
    /// relay has the option [`OnGap::Stop`](crate::OnGap::Stop); [`DynamoDbRelayError::Panicked`].
    pub async fn finished(&self) -> Result<(), Arc<DynamoDbRelayError>> {
        match self.task.outcome().await {
            Ok(outcome) => outcome.unwrap_or(Ok(())),
            Err(source) => Err(Arc::new(DynamoDbRelayError::Panicked { relay: self.name().to_owned(), source })),
        }
    }

    /// Ends the relay: publishes the rest of the current batch, unless there is an outage, and releases the lease.
    ///
    /// # Cancellation
    /// If the future is dropped, the relay still shuts down. Dropping the last handle aborts the shutdown.
    ///
    /// # Errors
    /// The errors of [`finished`](Self::finished), if the relay had already stopped.
    pub async fn shutdown(&self) -> Result<(), Arc<DynamoDbRelayError>> {
        self.task.request_shutdown();
        self.finished().await
    }
}

impl ServicePart for DynamoDbRelay {
    fn name(&self) -> String {
        format!("relay `{}`", self.name())
    }

    fn finished(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(async { self.finished().await.map_err(|error| error as PartError) })
    }

    fn shutdown(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(async { self.shutdown().await.map_err(|error| error as PartError) })
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
        Box::pin(ready(self.status().measurements(self.name())))
    }
}

impl fmt::Debug for DynamoDbRelay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DynamoDbRelay")
            .field("name", &self.state.relay)
            .field("status", &*self.status.borrow())
            .finish_non_exhaustive()
    }
}
