use std::fmt;
use std::sync::Arc;

use castore_runtime::MessageChannel;
use castore_runtime::storage::StorageError;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::state::{RelayState, TABLE};
use super::{DynamoDbRelayBuilder, DynamoDbRelayStatus, ParkedStreamAggregate};
use crate::{CreateTableError, DynamoDbEventStorageAdapter, DynamoDbRelayError};

/// Publishes every event of a table on a channel, from the table's stream: at least once, and those of each aggregate
/// for the first time in their order. The handle of a running relay; when it is dropped, the relay ends.
///
/// ```no_run
/// # async fn example<C, S>(
/// #     channel: C,
/// #     store: S,
/// #     storage: castore_dynamodb::DynamoDbEventStorageAdapter,
/// #     streams: aws_sdk_dynamodbstreams::Client,
/// # ) -> Result<(), Box<dyn std::error::Error>>
/// # where C: castore_runtime::MessageChannel, S: castore_dynamodb::PublishedOn<C> {
/// use castore_dynamodb::{DynamoDbRelay, DynamoDbRelayStart};
///
/// DynamoDbRelay::create_relay_table(&storage, "relays").await?;
/// let relay = DynamoDbRelay::builder(channel)
///     .publish(&store)
///     .start(&storage, streams, "relays", DynamoDbRelayStart::Backfill)
///     .await?;
/// // ... and when the service ends:
/// relay.shutdown().await?;
/// # Ok(())
/// # }
/// ```
///
/// # What it promises
/// * One process leads, for all shards of the stream; others that run the same relay take over when it ends or dies.
///   Whatever it keeps, it keeps on the condition that its lease was not taken over. A process that was paused past its
///   lease may publish one call of the adapter again: the order of *first* deliveries is what holds.
/// * After a crash at most one batch is published again.
/// * A message that can never be published is parked, with the later ones of its aggregate; all others flow. Outages
///   park nothing: the relay waits. An aggregate that was parked is published from the table, and what the stream still
///   has of it is published again.
/// * Events that replace others by force are not published again.
/// * It never passes over events. If the stream does not have them any more, it stops or does a backfill, as it was
///   [told](DynamoDbRelayBuilder::on_gap).
///
/// # Backfill
/// The relay takes note of the stream's shards, publishes each aggregate whole, in the order in which the aggregates
/// began, and then goes on with the stream from an hour before the backfill began: what was stored since then is
/// published twice. Messages are not marked as replayed. Aggregates without an event of version 1 are not listed, and
/// not published. A backfill that takes more than 24 hours ends in a gap.
///
/// # What it does not do
/// There are no positions: nothing can be waited for, and events of different aggregates come in any order. The cursors
/// of all shards are kept in one item, which has room for those of about 2 000. While nothing comes from any shard the
/// relay waits for its poll interval between reads, also when it is still on its way through a stream with gaps. In a
/// global table, one region's relay publishes what is stored in all of them: run it in one.
pub struct DynamoDbRelay {
    state: RelayState,
    status: watch::Receiver<DynamoDbRelayStatus>,
    shutdown: watch::Sender<bool>,
    look_at_parked: Arc<Notify>,
    task: Option<JoinHandle<Result<(), DynamoDbRelayError>>>,
}

impl DynamoDbRelay {
    /// A relay for this channel.
    pub fn builder<C: MessageChannel>(channel: C) -> DynamoDbRelayBuilder<C> {
        DynamoDbRelayBuilder::new(channel)
    }

    /// Creates a table for the state of relays, in the account of the storage, paid for by request, and returns when it
    /// can be used. If it is there already, nothing is changed. Its keys are `relay` (S) and `item` (S). Any number of
    /// relays may share one.
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
        status: watch::Receiver<DynamoDbRelayStatus>,
        shutdown: watch::Sender<bool>,
        look_at_parked: Arc<Notify>,
        task: JoinHandle<Result<(), DynamoDbRelayError>>,
    ) -> Self {
        Self { state, status, shutdown, look_at_parked, task: Some(task) }
    }

    /// The name of the relay.
    pub fn name(&self) -> &str {
        &self.state.relay
    }

    /// How it is doing.
    pub fn status(&self) -> DynamoDbRelayStatus {
        self.status.borrow().clone()
    }

    /// How it is doing, to be waited on.
    pub fn watch(&self) -> watch::Receiver<DynamoDbRelayStatus> {
        self.status.clone()
    }

    /// The aggregates that are parked, whichever process leads.
    ///
    /// # Errors
    /// [`DynamoDbRelayError::Storage`].
    pub async fn parked(&self) -> Result<Vec<ParkedStreamAggregate>, DynamoDbRelayError> {
        self.state.parked().await.map_err(|source| self.failed(source))
    }

    /// Has a parked aggregate tried again soon. Answers whether it was parked.
    ///
    /// # Errors
    /// [`DynamoDbRelayError::Storage`].
    pub async fn retry(&self, event_store_id: &str, aggregate_id: &str) -> Result<bool, DynamoDbRelayError> {
        self.make_due(event_store_id, aggregate_id, None).await
    }

    /// Gives up on the message about the event of this version, which the aggregate is parked for: the relay goes on
    /// after it. Answers whether the aggregate was parked for that event.
    ///
    /// # Errors
    /// [`DynamoDbRelayError::Storage`].
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
        self.look_at_parked.notify_one();
        Ok(was_parked)
    }

    fn failed(&self, source: StorageError) -> DynamoDbRelayError {
        DynamoDbRelayError::Storage { relay: self.state.relay.to_string(), source }
    }

    /// Waits until the relay has stopped by itself.
    ///
    /// # Errors
    /// [`DynamoDbRelayError::Stream`]: why it has.
    pub async fn stopped(mut self) -> Result<(), DynamoDbRelayError> {
        self.join().await
    }

    /// Ends the relay: the batch that is on its way is finished, unless there is an outage, and the lease is given back.
    ///
    /// # Errors
    /// [`DynamoDbRelayError::Stream`] if it had stopped before.
    pub async fn shutdown(mut self) -> Result<(), DynamoDbRelayError> {
        self.shutdown.send_replace(true);
        self.join().await
    }

    async fn join(&mut self) -> Result<(), DynamoDbRelayError> {
        match self.task.take() {
            Some(task) => match task.await {
                Ok(ended) => ended,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => Ok(()),
                },
            },
            None => Ok(()),
        }
    }
}

impl Drop for DynamoDbRelay {
    fn drop(&mut self) {
        self.shutdown.send_replace(true);
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
