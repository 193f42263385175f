use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use castore_runtime::MessageChannel;
use castore_runtime::channel::Registration;
use castore_runtime::log::LogEntry;
use serde::Serialize;
use tokio::sync::Mutex;

use super::LambdaStreamEvent;
use crate::outbox::{Always, ChannelOutbox, Delivery, Outbox, PublishedStore, check_stores};
use crate::{DynamoDbEventStorageAdapter, DynamoDbRelayError, PublishedOn, StreamChange};

/// Publishes the events of a table on a channel, from a Lambda function that the table's stream invokes.
///
/// ```no_run
/// # async fn example<C, S>(channel: C, store: S, event: serde_json::Value) -> Result<(), Box<dyn std::error::Error>>
/// # where C: castore_runtime::MessageChannel, S: castore_dynamodb::PublishedOn<C> {
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
/// # How to set the event source mapping up
/// * `FunctionResponseTypes: [ReportBatchItemFailures]`, without which the response is not looked at and **failed
///   messages are lost**.
/// * The stream shows `NEW_IMAGE` or `NEW_AND_OLD_IMAGES`.
/// * Lambda starts again at the first record that failed, so that later ones of other aggregates are published again.
///   What can never be published holds its shard up, until `MaximumRetryAttempts` or `MaximumRecordAgeInSeconds` is
///   reached and the record goes to the destination on failure: later events of its aggregate are then published
///   without it. A [`DynamoDbRelay`](crate::DynamoDbRelay) parks that aggregate alone instead.
///
/// Messages are published at least once, and those of one aggregate for the first time in their order, as long as
/// nothing is given up.
pub struct LambdaStreamHandler {
    outbox: Mutex<Box<dyn Outbox>>,
    event_store_ids: Vec<&'static str>,
    rewrites_of: Option<DynamoDbEventStorageAdapter>,
    /// Nobody else publishes while the handler lives.
    _registration: Registration,
}

/// Makes a [`LambdaStreamHandler`].
#[must_use = "`build` makes the handler"]
pub struct LambdaHandlerBuilder<C: MessageChannel> {
    channel: C,
    stores: Vec<PublishedStore<C>>,
    publish_timeout: Duration,
    rewrites_of: Option<DynamoDbEventStorageAdapter>,
}

/// What the function answers: which records are to be tried again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LambdaBatchResponse {
    /// Those that failed. None: all were published.
    pub batch_item_failures: Vec<LambdaItemFailure>,
}

/// A record that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LambdaItemFailure {
    /// Its sequence number.
    pub item_identifier: String,
}

impl LambdaStreamHandler {
    /// A handler that publishes on this channel.
    pub fn builder<C: MessageChannel>(channel: C) -> LambdaHandlerBuilder<C> {
        LambdaHandlerBuilder {
            channel,
            stores: Vec::new(),
            publish_timeout: Duration::from_secs(10),
            rewrites_of: None,
        }
    }

    /// Publishes the events of the stores that the handler was given, and passes the others over.
    ///
    /// Answers the records that were not published, with the later ones of their aggregates. Why is told by `tracing`,
    /// without what is in them.
    pub async fn handle(&self, event: &LambdaStreamEvent) -> LambdaBatchResponse {
        let mut outbox = self.outbox.lock().await;
        // In between, other instances of the function may have seen what this one did not.
        outbox.reset();
        let mut failures: Vec<(usize, &str)> = Vec::new();
        let mut entries = Vec::new();
        let mut numbers = Vec::new();
        for (at, record) in event.records.iter().enumerate() {
            let number = record.sequence_number();
            match record.change() {
                StreamChange::Stored { event_store_id, event } if self.is_ours(&event_store_id) => {
                    // Only the outbox looks at it, and it asks for no position.
                    entries.push(LogEntry { position: 0, event_store_id: Arc::from(event_store_id), event });
                    numbers.push((at, number));
                }
                StreamChange::Stored { .. } => {}
                StreamChange::Rewritten { event_store_id, aggregate_id, version } => {
                    if let Some(storage) = &self.rewrites_of
                        && let Err(error) = storage.note_rewrite(&event_store_id, &aggregate_id).await
                    {
                        tracing::warn!(
                            event_store = event_store_id,
                            aggregate = aggregate_id,
                            version,
                            %error,
                            "could not note that an event was replaced"
                        );
                        failures.push((at, number));
                    }
                }
                StreamChange::Unreadable { place: Some((event_store_id, aggregate_id, version)), error }
                    if self.is_ours(&event_store_id) =>
                {
                    tracing::warn!(
                        event_store = event_store_id,
                        aggregate = aggregate_id,
                        version,
                        %error,
                        "the image of an event is damaged"
                    );
                    // Later ones of its aggregate wait for it.
                    let later = (at..).zip(event.records.iter().skip(at)).filter(|(_, record)| {
                        matches!(record.change(), StreamChange::Stored { event_store_id: store, event }
                            if store == event_store_id && event.aggregate_id == aggregate_id)
                    });
                    failures.push((at, number));
                    failures.extend(later.map(|(at, record)| (at, record.sequence_number())));
                }
                StreamChange::Unreadable { error, .. } => {
                    tracing::debug!(%error, "an image that is not of an event");
                }
            }
        }
        let waiting: Vec<bool> = numbers.iter().map(|(at, _)| failures.iter().any(|(other, _)| other == at)).collect();
        let mut keep = waiting.iter();
        entries.retain(|_| !keep.next().copied().unwrap_or(false));
        let mut keep = waiting.iter();
        numbers.retain(|_| !keep.next().copied().unwrap_or(false));
        let mut delivery = Delivery::new(entries);
        let Ok(outage) = delivery.round(&mut **outbox, &mut Always).await;
        if let Some(error) = outage {
            tracing::warn!(error, "could not publish all events of the stream's records");
        }
        for refused in delivery.refused() {
            tracing::warn!(
                event_store = refused.event_store_id,
                aggregate = refused.aggregate_id,
                version = refused.version,
                error = refused.error,
                "an event can never be published"
            );
        }
        failures.extend(delivery.not_sent().filter_map(|index| numbers.get(index).copied()));
        failures.sort_unstable();
        failures.dedup();
        let failure = |(_, number): (usize, &str)| LambdaItemFailure { item_identifier: number.to_owned() };
        LambdaBatchResponse { batch_item_failures: failures.into_iter().map(failure).collect() }
    }

    fn is_ours(&self, event_store_id: &str) -> bool {
        self.event_store_ids.contains(&event_store_id)
    }
}

impl<C: MessageChannel> LambdaHandlerBuilder<C> {
    /// Publishes the events of this store on the channel. At least one store is needed.
    ///
    /// Does not compile if the channel does not carry messages of the store, or messages without events.
    pub fn publish<T: PublishedOn<C>>(mut self, event_store: &T) -> Self {
        self.stores.push(event_store.__published());
        self
    }

    /// How long one call of the channel's adapter, and one load of an aggregate, may take. 10 seconds by default.
    pub fn publish_timeout(mut self, publish_timeout: Duration) -> Self {
        self.publish_timeout = publish_timeout;
        self
    }

    /// Counts in the [rewrites table](crate::Builder::rewrites_table) of this storage what others replaced.
    pub fn note_rewrites(mut self, storage: &DynamoDbEventStorageAdapter) -> Self {
        self.rewrites_of = Some(storage.clone());
        self
    }

    /// Makes the handler.
    ///
    /// # Errors
    /// [`DynamoDbRelayError::NoEventStore`], [`DynamoDbRelayError::SameEventStoreTwice`], or
    /// [`DynamoDbRelayError::TwoPublishers`] if in this process a store is connected to the channel directly.
    pub fn build(self) -> Result<LambdaStreamHandler, DynamoDbRelayError> {
        let (event_store_ids, registration) = check_stores(&self.channel, &self.stores)?;
        let outbox = ChannelOutbox::new(self.channel, self.publish_timeout, self.stores);
        Ok(LambdaStreamHandler {
            outbox: Mutex::new(Box::new(outbox)),
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

impl<C: MessageChannel> fmt::Debug for LambdaHandlerBuilder<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LambdaHandlerBuilder").field("channel", &C::ID).finish_non_exhaustive()
    }
}
