use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use castore_aws::{RequestPolicy, without_retries};
use castore_runtime::channel::{ClaimCheck, MessageBus, MessageChannel, MessageQueue};
use castore_runtime::{
    ConsumerHandle, DeadLetter, DeadLetterHook, HandlerError, Listeners, MessageContext, MessageHandler, Received,
    RetryPolicy,
};
use serde::de::DeserializeOwned;

use super::envelope::{EnvelopeContent, OpenEnvelope};
use super::run::run;
use crate::QueueUrl;
use crate::message::{Decode, decode};

/// Handles the messages of a queue of SQS, of a standard one or a FIFO one.
///
/// ```no_run
/// # use castore_runtime::MessageChannel;
/// # use castore_runtime::channel::MessageQueue;
/// # use castore_sqs::{QueueUrl, SqsWorker};
/// # async fn example<C>(app_queue: &C, client: aws_sdk_sqs::Client) -> Result<(), Box<dyn std::error::Error>>
/// # where C: MessageQueue, C::Message: serde::de::DeserializeOwned {
/// let worker = SqsWorker::new(client, QueueUrl::named("app-queue"), app_queue, |message, context| async move {
///     println!("attempt {}: {message:?}", context.attempt);
///     Ok(())
/// })
/// .dead_letter_queue_url(QueueUrl::named("app-queue-dead-letters"))
/// .start();
/// // Until the process is to end:
/// worker.shutdown().await?;
/// # Ok(())
/// # }
/// ```
///
/// The channel is there for its type; it needs no adapter. Messages are taken with long polling, up to ten at a time, and
/// are kept from other workers for as long as they are handled. What is handled is deleted. What fails is handed back
/// with the delay of the [`RetryPolicy`], and comes again, to this worker or another: delays are rounded up to seconds,
/// and are twelve hours at most. The attempt is how often SQS handed the message out.
///
/// # Dead letters
/// A message that no attempt could handle, or whose failure is permanent, is sent to the
/// [dead-letter queue](Self::dead_letter_queue_url) with its attributes, and deleted. So is one that is malformed: no
/// message of the channel. Without such a queue they are left to the queue's own redrive policy, and are not handled
/// again by this worker; its `maxReceiveCount` should be higher than the attempts of the retry policy.
///
/// # FIFO queues
/// are those whose URL ends in `.fifo`. The messages of a group, which are those of an aggregate, are handled one after
/// the other, and different groups at the same time. When one fails, the later ones that were received with it are
/// handed back, and none of its group is handled before it comes again, or is a dead letter.
///
/// SQS counts as received what only waits for an earlier message of its group. This worker does not take that for
/// attempts, as long as the messages come back to it, but a redrive policy does: it may move messages away that were
/// never tried, along with the one they wait for. So give FIFO workers a `dead_letter_queue_url`, and the queue no redrive
/// policy, or one with the highest `maxReceiveCount` (1000).
///
/// # The end
/// [`ConsumerHandle::shutdown`] lets handlers end and deletes what they handled. A handler that answers
/// [`HandlerError::stop`] ends the worker in the same way. While SQS is away the worker waits and goes on.
#[must_use = "a worker works when it is started"]
pub struct SqsWorker<C: MessageChannel> {
    pub(super) client: Client,
    pub(super) queue_url: QueueUrl,
    pub(super) handler: MessageHandler<C>,
    pub(super) decode: Decode<C::Message>,
    pub(super) open_envelope: Option<OpenEnvelope>,
    pub(super) retry_policy: RetryPolicy,
    pub(super) concurrency: usize,
    pub(super) wait_time: Duration,
    pub(super) visibility_timeout: Duration,
    pub(super) dead_letter_queue_url: Option<QueueUrl>,
    pub(super) on_dead_letter: Option<DeadLetterHook<C::Message>>,
    pub(super) claim_check: Option<Arc<dyn ClaimCheck>>,
    pub(super) policy: RequestPolicy,
}

impl<C: MessageQueue<Message: DeserializeOwned>> SqsWorker<C> {
    /// A worker that calls `handler` with each message. A URL may be given as text.
    pub fn new<F, Fut>(client: Client, queue_url: impl Into<QueueUrl>, channel: &C, handler: F) -> Self
    where
        F: Fn(Received<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        Self::of(client, queue_url.into(), channel, MessageHandler::new(handler))
    }

    /// A worker that calls those of the listeners whose filter a message passes.
    pub fn listening(client: Client, queue_url: impl Into<QueueUrl>, channel: &C, listeners: Listeners<C>) -> Self {
        Self::of(client, queue_url.into(), channel, listeners.into())
    }
}

impl<C: MessageBus<Message: DeserializeOwned>> SqsWorker<C> {
    /// A worker of a queue that a bus delivers to, in envelopes of its own: EventBridge, by a rule whose target the queue
    /// is. `open` takes a message out of its envelope; what it answers `None` to is malformed. EventBridge's envelopes are
    /// opened by `EventBridgeEnvelope` of `castore-event-bridge`; the guide on brokers shows how.
    pub fn behind_bus(
        client: Client,
        queue_url: impl Into<QueueUrl>,
        channel: &C,
        listeners: Listeners<C>,
        open: impl Fn(&str) -> Option<EnvelopeContent> + Send + Sync + 'static,
    ) -> Self {
        let worker = Self::of(client, queue_url.into(), channel, listeners.into());
        Self { open_envelope: Some(Arc::new(open)), ..worker }
    }
}

impl<C: MessageChannel<Message: DeserializeOwned>> SqsWorker<C> {
    fn of(client: Client, queue_url: QueueUrl, _: &C, handler: MessageHandler<C>) -> Self {
        Self {
            client: without_retries!(aws_sdk_sqs, client),
            queue_url,
            handler,
            decode: decode::<C>,
            open_envelope: None,
            retry_policy: RetryPolicy::default(),
            concurrency: 10,
            wait_time: Duration::from_secs(20),
            visibility_timeout: Duration::from_secs(30),
            dead_letter_queue_url: None,
            on_dead_letter: None,
            claim_check: None,
            policy: RequestPolicy::default(),
        }
    }
}

impl<C: MessageChannel> SqsWorker<C> {
    /// How messages are tried again whose handler failed: Castore's default, two retries after 30 and 60 s, if not set.
    pub fn retry_policy(self, retry_policy: RetryPolicy) -> Self {
        Self { retry_policy, ..self }
    }

    /// How many handlers run at the same time: 10 by default, at least one. A few more messages are held ready.
    pub fn concurrency(self, handlers: usize) -> Self {
        Self { concurrency: handlers.max(1), ..self }
    }

    /// How long a request waits for messages: 20 s by default, which is also the longest. Rounded up to whole seconds, at
    /// least one.
    pub fn wait_time(self, wait_time: Duration) -> Self {
        Self { wait_time, ..self }
    }

    /// For how long messages are kept from other workers, after which they come again if this one was killed: 30 s by
    /// default. It is asked for anew while a handler runs. Rounded up to whole seconds, at least one.
    pub fn visibility_timeout(self, visibility_timeout: Duration) -> Self {
        Self { visibility_timeout, ..self }
    }

    /// Where dead letters and malformed messages go. A FIFO queue's is a FIFO queue.
    pub fn dead_letter_queue_url(self, queue_url: impl Into<QueueUrl>) -> Self {
        Self { dead_letter_queue_url: Some(queue_url.into()), ..self }
    }

    /// Calls `hook` with each message that no attempt could handle, after it was sent to the dead-letter queue, if there
    /// is one. Without a hook such messages are only logged.
    pub fn on_dead_letter(self, hook: impl Fn(DeadLetter<C::Message>) + Send + Sync + 'static) -> Self {
        Self { on_dead_letter: Some(DeadLetterHook::new(hook)), ..self }
    }

    /// Finds messages that are kept elsewhere, because they were too large for SQS.
    pub fn claim_check(self, claim_check: Arc<dyn ClaimCheck>) -> Self {
        Self { claim_check: Some(claim_check), ..self }
    }

    /// How often a request is sent until it is given up: 10 times by default. Polling never is.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.policy = self.policy.attempts(attempts);
        self
    }

    /// The pause before a request is sent again, at first and at last: up to 25 ms and 2 s by default.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.policy = self.policy.backoff(first, longest);
        self
    }

    /// Starts the worker, on the runtime of tokio that this is called in.
    ///
    /// # Panics
    /// Outside of such a runtime.
    pub fn start(self) -> ConsumerHandle {
        let handler = self.handler.clone();
        ConsumerHandle::spawn(&handler, move |tasks| run(self, tasks))
    }
}

impl<C: MessageChannel> fmt::Debug for SqsWorker<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqsWorker")
            .field("channel", &C::ID)
            .field("queue_url", &self.queue_url)
            .field("retry_policy", &self.retry_policy)
            .field("concurrency", &self.concurrency)
            .field("visibility_timeout", &self.visibility_timeout)
            .field("dead_letter_queue_url", &self.dead_letter_queue_url)
            .finish_non_exhaustive()
    }
}
