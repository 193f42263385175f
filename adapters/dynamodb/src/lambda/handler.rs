use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use castore_core::channel::{MessageChannel, Registration};
use castore_core::error::error_chain;
use castore_core::log::LogEntry;
use castore_core::storage::RawEvent;
use castore_relay::engine::{Batch, ChannelOutbox, PublishableStore, Publisher, publishable_store};
use serde::Serialize;
use tokio::sync::Mutex;

use super::LambdaStreamEvent;
use super::progress::InvocationProgress;
use crate::stores::register;
use crate::{DynamoDbEventStorageAdapter, DynamoDbRelayError, PublishableOn, StreamChange};

/// A handler for a Lambda function that a table's stream invokes. The handler publishes the events of some or all event
/// stores in the table on a channel.
///
/// ```no_run
/// # async fn example<C, S>(channel: C, store: S, event: serde_json::Value) -> Result<(), Box<dyn std::error::Error>>
/// # where C: castore_core::channel::MessageChannel, S: castore_dynamodb::PublishableOn<C> {
/// use castore_dynamodb::LambdaStreamHandler;
///
/// // Once, when the function starts:
/// let handler = LambdaStreamHandler::builder(channel).publish(&store).build()?;
/// // For each invocation; `lambda_runtime` does the reading and writing.
/// let response = handler.handle(&serde_json::from_value(event)?).await;
/// println!("{}", serde_json::to_string(&response)?);
/// # Ok(())
/// # }
/// ```
///
/// # Event source mapping
/// * Set `FunctionResponseTypes: [ReportBatchItemFailures]`. Without this setting, Lambda ignores the response, and
///   **failed messages are lost**.
/// * The view type of the stream must be `NEW_IMAGE` or `NEW_AND_OLD_IMAGES`.
/// * Lambda starts again at the first record that failed, so the events of later records of other aggregates are
///   published again. A record that can never be published blocks its shard until `MaximumRetryAttempts` or
///   `MaximumRecordAgeInSeconds` is reached and Lambda discards the record, or sends it to an on-failure destination.
///   The later events of its aggregate are then published, although one is missing. A
///   [`DynamoDbRelay`](crate::DynamoDbRelay) instead holds back only the messages of that aggregate (it *parks* the
///   aggregate).
/// * After a call of the channel's adapter that took longer than [the
///   timeout](LambdaStreamHandlerBuilder::publish_timeout), the handler tries calls with fewer messages in the same
///   invocation. The timeout of the function must be long enough for these calls, and for all messages of an
///   invocation. `BatchSize` limits the number of messages.
///
/// Messages are published at least once. The messages of an aggregate are delivered in order, except for redeliveries,
/// as long as Lambda discards no record.
pub struct LambdaStreamHandler {
    publisher: Mutex<Publisher>,
    event_store_ids: Vec<&'static str>,
    rewrites_of: Option<DynamoDbEventStorageAdapter>,
    /// Prevents other publishers on the channel in this process while the handler exists.
    _registration: Registration,
}

/// The maximum number of cached aggregates of each store, for the messages of state-carrying channels.
const CACHED_AGGREGATES: usize = 1_000;

/// The records of one invocation.
#[derive(Default)]
struct Records {
    /// The events to publish.
    entries: Vec<LogEntry>,
    /// For each entry, the index of its record in the invocation.
    indexes: Vec<usize>,
    /// The indexes of the records that have failed.
    failed: BTreeSet<usize>,
}

impl Records {
    fn push(&mut self, at: usize, event_store_id: String, event: RawEvent) {
        // The position is 0, because a stream has no positions, and the engine does not use the position here.
        self.entries.push(LogEntry::new(0, Arc::from(event_store_id), event));
        self.indexes.push(at);
    }
}

/// A builder for a [`LambdaStreamHandler`].
#[must_use = "`build` creates the handler"]
pub struct LambdaStreamHandlerBuilder<C: MessageChannel> {
    channel: C,
    stores: Vec<PublishableStore<C>>,
    publish_timeout: Duration,
    rewrites_of: Option<DynamoDbEventStorageAdapter>,
}

/// The response of the function: the records that Lambda must deliver again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LambdaBatchResponse {
    /// The records that must be delivered again: see [`handle`](LambdaStreamHandler::handle). Empty if no record
    /// failed.
    pub batch_item_failures: Vec<LambdaItemFailure>,
}

/// A record that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LambdaItemFailure {
    /// The sequence number of the record.
    pub item_identifier: String,
}

impl LambdaStreamHandler {
    /// Returns a builder for a handler that publishes on this channel.
    pub fn builder<C: MessageChannel>(channel: C) -> LambdaStreamHandlerBuilder<C> {
        LambdaStreamHandlerBuilder {
            channel,
            stores: Vec::new(),
            publish_timeout: Duration::from_secs(10),
            rewrites_of: None,
        }
    }

    /// Publishes the events of the handler's stores on the channel. Events of other stores are not published, but with
    /// [`note_rewrites`](LambdaStreamHandlerBuilder::note_rewrites), their rewrites are also counted.
    ///
    /// Returns the records whose events were not published, including later records of the same aggregates, and the
    /// records of rewrites that could not be counted. The reasons are logged with `tracing`, without payloads.
    pub async fn handle(&self, event: &LambdaStreamEvent) -> LambdaBatchResponse {
        let mut publisher = self.publisher.lock().await;
        // Between two invocations of this instance, other instances of the function may have processed records.
        publisher.reset();
        let Records { entries, indexes, mut failed } = self.classify(event).await;
        let mut batch = Batch::new(entries, |_| false);
        // The batch records which events were published, even if an outage ended the delivery.
        let _ = publisher.deliver(&mut batch, &mut InvocationProgress).await;
        failed.extend(batch.unpublished().filter_map(|index| indexes.get(index)));
        let failure = |at: usize| {
            let record = event.records.get(at)?;
            Some(LambdaItemFailure { item_identifier: record.sequence_number().to_owned() })
        };
        LambdaBatchResponse { batch_item_failures: failed.into_iter().filter_map(failure).collect() }
    }

    /// Separates the events to publish from the records that have already failed, and counts rewrites.
    async fn classify(&self, event: &LambdaStreamEvent) -> Records {
        let mut records = Records::default();
        for (at, record) in event.records.iter().enumerate() {
            match record.change() {
                StreamChange::Stored { event_store_id, event } => {
                    if self.is_ours(&event_store_id) && !records.failed.contains(&at) {
                        records.push(at, event_store_id, event);
                    }
                }
                StreamChange::Rewritten { event_store_id, aggregate_id, version } => {
                    if let Some(storage) = &self.rewrites_of
                        && let Err(error) = storage.note_rewrite(&event_store_id, &aggregate_id).await
                    {
                        tracing::warn!(
                            event_store = event_store_id,
                            aggregate_id = aggregate_id,
                            version,
                            error = error_chain(&error),
                            "could not count a rewrite of an event"
                        );
                        records.failed.insert(at);
                    }
                }
                StreamChange::Unreadable { place: Some((event_store_id, aggregate_id, version)), error }
                    if self.is_ours(&event_store_id) =>
                {
                    tracing::warn!(
                        event_store = event_store_id,
                        aggregate_id = aggregate_id,
                        version,
                        error = error_chain(&error),
                        "the stream image of an event is damaged"
                    );
                    // The later events of the aggregate must wait for the damaged event, so that the order is kept.
                    let later = (at..).zip(event.records.iter().skip(at)).filter(|(_, record)| {
                        matches!(record.change(), StreamChange::Stored { event_store_id: store, event }
                            if store == event_store_id && event.aggregate_id == aggregate_id)
                    });
                    records.failed.extend(later.map(|(at, _)| at));
                    records.failed.insert(at);
                }
                StreamChange::Unreadable { error, .. } => {
                    tracing::debug!(error = error_chain(&error), "skipped a stream image that is not of an event");
                }
            }
        }
        records
    }

    fn is_ours(&self, event_store_id: &str) -> bool {
        self.event_store_ids.contains(&event_store_id)
    }
}

impl<C: MessageChannel> LambdaStreamHandlerBuilder<C> {
    /// Adds an event store, whose events the handler publishes on the channel. At least one store is needed.
    ///
    /// The call does not compile if the channel does not carry the event store, or if the channel's messages have no
    /// events.
    pub fn publish<T: PublishableOn<C>>(mut self, event_store: &T) -> Self {
        self.stores.push(publishable_store(event_store));
        self
    }

    /// Sets the time limit of each call of the channel's adapter, and of each load of an aggregate. Defaults to 10
    /// seconds.
    pub fn publish_timeout(mut self, publish_timeout: Duration) -> Self {
        self.publish_timeout = publish_timeout;
        self
    }

    /// Makes the handler count rewrites. For each stored event that was replaced or removed, the handler increases a
    /// counter in the [rewrites table](crate::DynamoDbEventStorageAdapterBuilder::rewrites_table) of this storage. Has
    /// no effect if the storage has no rewrites table.
    pub fn note_rewrites(mut self, storage: &DynamoDbEventStorageAdapter) -> Self {
        self.rewrites_of = Some(storage.clone());
        self
    }

    /// Builds the handler.
    ///
    /// # Errors
    /// [`DynamoDbRelayError::NoEventStore`] if no event store was added; [`DynamoDbRelayError::SameEventStoreTwice`] if
    /// one was added twice; [`DynamoDbRelayError::TwoPublishers`] if a store in this process is connected to the
    /// channel directly.
    pub fn build(self) -> Result<LambdaStreamHandler, DynamoDbRelayError> {
        let (event_store_ids, registration) = register(&self.channel, &self.stores)?;
        let outbox = ChannelOutbox::new(self.channel, self.publish_timeout, self.stores, CACHED_AGGREGATES);
        let publisher = Publisher::new(C::ID, outbox, self.publish_timeout, usize::MAX);
        Ok(LambdaStreamHandler {
            publisher: Mutex::new(publisher),
            event_store_ids,
            rewrites_of: self.rewrites_of,
            _registration: registration,
        })
    }
}

impl fmt::Debug for LambdaStreamHandler {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LambdaStreamHandler")
            .field("event_stores", &self.event_store_ids)
            .finish_non_exhaustive()
    }
}

impl<C: MessageChannel> fmt::Debug for LambdaStreamHandlerBuilder<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LambdaStreamHandlerBuilder").field("channel", &C::ID).finish_non_exhaustive()
    }
}
