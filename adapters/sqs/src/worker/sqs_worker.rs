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

/// A worker of a standard or FIFO queue of SQS.
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
/// // When the process is to end:
/// worker.shutdown().await?;
/// # Ok(())
/// # }
/// ```
///
/// A [builder](Self::builder) sets the options, and [`start`](SqsWorkerBuilder::start) returns the handle of the running worker.
/// The channel is only there for its type; it needs no adapter.
///
/// The worker receives messages with long polling, up to ten at a time, and keeps them from other workers for as long as
/// they are handled. It deletes a message that was handled. A message whose handler failed is handed back with the delay of
/// the [`RetryPolicy`](castore_core::consumer::RetryPolicy), and is delivered again, to this worker or another: delays are rounded
/// up to seconds, and are twelve hours at most. The attempt is the number of times that SQS has delivered the message.
///
/// # Dead letters
/// A message is a dead letter if no attempt is left, if its failure is permanent, or if it is malformed: no message of the
/// channel. It is sent to the [dead-letter queue](SqsWorkerBuilder::dead_letter_queue_url) with its attributes, and deleted.
/// Without such a queue it is left to the queue's own redrive policy, and is not handled again by this worker. The
/// `maxReceiveCount` of that policy should be higher than the attempts of the retry policy.
///
/// # FIFO queues
/// A queue is a FIFO queue if its URL ends in `.fifo`. The messages of a group, which are those of an aggregate, are handled
/// one after the other, and different groups at the same time. After one fails, the later ones that were received with it
/// are handed back, and no message of the group is handled before the failed one is delivered again, or is a dead letter.
///
/// SQS also counts a delivery in which the message only waits for an earlier one of its group. This worker does not count
/// those as attempts, as long as the messages come back to it, but a redrive policy does: it may move messages away that
/// were never tried, along with the one that they wait for. Therefore give the workers of FIFO queues a
/// `dead_letter_queue_url`, and the queue no redrive policy, or one with the highest `maxReceiveCount` (1000).
///
/// # Shutdown
/// [`ConsumerHandle::shutdown`](castore_core::consumer::ConsumerHandle::shutdown) waits for the running handlers, and deletes what they
/// handled. A handler that returns [`HandlerError::stop`] ends the worker in the same way. While SQS is unavailable, the
/// worker waits and tries again.
#[derive(Debug)]
pub struct SqsWorker<C: MessageChannel> {
    channel: PhantomData<fn() -> C>,
}

impl<C: MessageQueue<Message: DeserializeOwned>> SqsWorker<C> {
    /// Builds a worker that calls `handler` with each message. The URL can be given as text.
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

    /// Builds a worker that calls each listener whose filter a message passes.
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
    /// Builds a worker of a queue to which a bus delivers, in envelopes of its own: EventBridge, by a rule whose target is
    /// the queue. `open` takes a message out of its envelope; if it returns `None`, the message is malformed. The
    /// `EventBridgeEnvelope` of `castore-event-bridge` opens EventBridge's envelopes; the guide on brokers has an example.
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
