use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use aws_sdk_sqs::Client;
use castore_core::channel::{MessageBus, MessageChannel, MessageQueue};
use castore_core::consumer::{HandlerError, Listeners, MessageContext, MessageHandler, ReceivedMessage};
use serde::de::DeserializeOwned;

use super::builder::SqsWorkerBuilder;
use super::envelope::EnvelopeContent;
use crate::QueueUrl;

/// A worker that handles the messages of a standard or FIFO queue of SQS.
///
/// ```no_run
/// # use castore_core::channel::MessageChannel;
/// # use castore_core::channel::MessageQueue;
/// # use castore_sqs::{QueueUrl, SqsWorker};
/// # async fn example<C>(app_queue: &C, client: aws_sdk_sqs::Client) -> Result<(), Box<dyn std::error::Error>>
/// # where C: MessageQueue, C::Message: serde::de::DeserializeOwned {
/// let worker = SqsWorker::builder(client, QueueUrl::named("app-queue"), app_queue, |message, context| async move {
///     println!("attempt {}: {message:?}", context.attempt);
///     Ok(())
/// })
/// .dead_letter_queue_url(QueueUrl::named("app-queue-dead-letters"))
/// .start()?;
/// // When the process shuts down:
/// worker.shutdown().await?;
/// # Ok(())
/// # }
/// ```
///
/// Set the options with the [builder](Self::builder). [`start`](SqsWorkerBuilder::start) returns a handle to the
/// running worker. The channel determines only the type of the messages, and needs no adapter.
///
/// The worker receives messages with long polling, up to ten at a time, and hides them from other workers while they
/// are handled. It deletes handled messages. A message whose handler failed is handed back with the delay of the
/// [`RetryPolicy`](castore_core::consumer::RetryPolicy) and is then delivered again, to this worker or to another one.
/// Delays are rounded up to whole seconds and are at most twelve hours. SQS counts the deliveries, and each delivery is
/// an attempt. The worker does not count a delivery to itself if a large message could not be fetched, if the handler
/// stopped the worker, or if the message was handed back without an attempt, for example during a shutdown.
///
/// # Dead letters
/// A message becomes a dead letter if its last attempt failed, if its failure is permanent, or if its body is not a
/// message of Castore. A message of Castore that this program cannot decode is treated according to the
/// [`undecodable_action`](SqsWorkerBuilder::undecodable_action). The worker sends a dead letter with its attributes to
/// the [dead-letter queue](SqsWorkerBuilder::dead_letter_queue_url), and deletes it from the worker's queue. Without a
/// dead-letter queue, the message is left to the redrive policy of the worker's queue, and this worker does not handle
/// the message again. The `maxReceiveCount` of the redrive policy should be higher than the number of attempts of the
/// retry policy.
///
/// # FIFO queues
/// A queue is a FIFO queue if its URL ends with `.fifo`. Each aggregate is a message group. The messages of a group are
/// handled one after the other, and different groups are handled concurrently. After a failure, the later messages of
/// the group that were received together with the failed message are handed back. No message of the group is handled
/// until the failed message is delivered again or has become a dead letter.
///
/// SQS also counts a delivery in which a message only waits for an earlier message of its group. The worker does not
/// count such a delivery as an attempt, as long as the message is delivered to the same worker again. However, a
/// redrive policy counts such deliveries, and may remove messages that were never attempted. Therefore, set a
/// `dead_letter_queue_url` for the workers of FIFO queues, and give the queue no redrive policy, or one with the
/// highest `maxReceiveCount` (1000).
///
/// # Shutdown
/// [`ConsumerHandle::shutdown`](castore_core::consumer::ConsumerHandle::shutdown) waits for the running handlers and
/// deletes the messages that they handled. A handler that returns [`HandlerError::stop`] stops the worker in the same
/// way. While SQS is unavailable, the worker waits and retries.
#[derive(Debug)]
pub struct SqsWorker<C: MessageChannel> {
    channel: PhantomData<fn() -> C>,
}

impl<C: MessageQueue<Message: DeserializeOwned>> SqsWorker<C> {
    /// Returns a builder of a worker that calls `handler` with each message. The URL can be given as text.
    pub fn builder<F, Fut>(
        client: Client,
        queue_url: impl Into<QueueUrl>,
        channel: &C,
        handler: F,
    ) -> SqsWorkerBuilder<C>
    where
        F: Fn(ReceivedMessage<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        SqsWorkerBuilder::new(&client, queue_url.into(), channel, MessageHandler::new(handler))
    }

    /// Returns a builder of a worker that calls each handler in `listeners` with the messages that pass the filter of the
    /// handler.
    pub fn builder_with_listeners(
        client: Client,
        queue_url: impl Into<QueueUrl>,
        channel: &C,
        listeners: Listeners<C>,
    ) -> SqsWorkerBuilder<C> {
        SqsWorkerBuilder::new(&client, queue_url.into(), channel, listeners.into())
    }
}

impl<C: MessageBus<Message: DeserializeOwned>> SqsWorker<C> {
    /// Returns a builder of a worker for a queue behind a bus that wraps messages in envelopes. An example is a queue
    /// that is the target of an EventBridge rule. `open` extracts the message from its envelope. If `open` returns
    /// `None`, the message is treated as malformed. For EventBridge, use the `EventBridgeEnvelope` of
    /// `castore-event-bridge`. The guide on brokers has an example.
    pub fn builder_behind_bus(
        client: Client,
        queue_url: impl Into<QueueUrl>,
        channel: &C,
        listeners: Listeners<C>,
        open: impl Fn(&str) -> Option<EnvelopeContent> + Send + Sync + 'static,
    ) -> SqsWorkerBuilder<C> {
        let builder = SqsWorkerBuilder::new(&client, queue_url.into(), channel, listeners.into());
        SqsWorkerBuilder { open_envelope: Some(Arc::new(open)), ..builder }
    }
}
