use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use castore_aws::{RequestPolicy, request_options, without_retries};
use castore_core::channel::{ClaimCheck, MessageChannel};
use castore_core::consumer::{ConsumerHandle, DeadLetter, DeadLetterHook, FailureAction, MessageHandler, RetryPolicy};
use castore_core::error::InvalidOptionError;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use super::envelope::OpenEnvelope;
use super::run::run;
use super::shared::LONGEST_VISIBILITY_TIMEOUT;
use crate::message::{Decode, decode};
use crate::{QueueUrl, SqsConsumerSetup};

/// A builder of an [`SqsWorker`](crate::SqsWorker).
#[must_use = "`start` starts the worker"]
pub struct SqsWorkerBuilder<C: MessageChannel> {
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

impl<C: MessageChannel<Message: DeserializeOwned>> SqsWorkerBuilder<C> {
    pub(super) fn new(client: &Client, queue_url: QueueUrl, _: &C, handler: MessageHandler<C>) -> Self {
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

impl<C: MessageChannel> SqsWorkerBuilder<C> {
    /// Sets how often and when a message is retried after its handler failed. Defaults to two retries, after 30 and
    /// 60 seconds.
    pub fn retry_policy(self, retry_policy: RetryPolicy) -> Self {
        Self { retry_policy, ..self }
    }

    /// Sets the maximum number of concurrent handlers, which must be at least 1. Defaults to 10. The worker receives up
    /// to ten messages per request, so a few received messages may wait for a free handler.
    pub fn concurrency(self, handlers: usize) -> Self {
        Self { concurrency: handlers, ..self }
    }

    /// Sets how long a request waits for messages: between 1 and 20 seconds, rounded up to whole seconds. Defaults to
    /// 20 seconds.
    pub fn wait_time(self, wait_time: Duration) -> Self {
        Self { wait_time, ..self }
    }

    /// Sets how long received messages are hidden from other workers: between 1 second and 12 hours, rounded up to
    /// whole seconds. If the worker is killed, its messages are delivered again after this time. The timeout is
    /// extended while a handler runs. Defaults to 30 seconds.
    pub fn visibility_timeout(self, visibility_timeout: Duration) -> Self {
        Self { visibility_timeout, ..self }
    }

    /// Sets the queue for dead letters. If the worker's queue is a FIFO queue, use a FIFO queue for the dead letters,
    /// too. Defaults to none.
    pub fn dead_letter_queue_url(self, queue_url: impl Into<QueueUrl>) -> Self {
        Self { dead_letter_queue_url: Some(queue_url.into()), ..self }
    }

    /// Sets the action for a message that passes a filter of the handler, but that this program cannot decode. Defaults
    /// to [`FailureAction::Retry`], because a worker of a newer version of the program may be able to decode the
    /// message. Even with this action, a body that is not a message of Castore becomes a dead letter immediately.
    pub fn undecodable_action(self, action: FailureAction) -> Self {
        Self { handler: self.handler.undecodable_action(action), ..self }
    }

    /// Sets a hook that is called with each dead letter. If there is a dead-letter queue, the hook is called after the
    /// message was sent to this queue. Dead letters are logged with and without a hook. Defaults to none.
    pub fn on_dead_letter(self, hook: impl Fn(DeadLetter<C::Message>) + Send + Sync + 'static) -> Self {
        Self { on_dead_letter: Some(DeadLetterHook::new(hook)), ..self }
    }

    /// Sets the claim check that fetches large messages. Use the claim check with which the publishers store these
    /// messages. Defaults to none.
    pub fn claim_check(self, claim_check: Arc<dyn ClaimCheck>) -> Self {
        Self { claim_check: Some(claim_check), ..self }
    }

    request_options!(self, self.policy);

    /// Starts the worker on the current tokio runtime. Requests for messages are retried without limit, regardless of
    /// [`attempts`](Self::attempts). Their time limit is [`wait_time`](Self::wait_time) plus 10 seconds, regardless of
    /// [`timeout`](Self::timeout).
    ///
    /// # Errors
    /// [`InvalidOptionError`] for the first option with an invalid value.
    ///
    /// # Panics
    /// If called outside of a tokio runtime.
    pub fn start(self) -> Result<ConsumerHandle, InvalidOptionError> {
        self.validate()?;
        let handler = self.handler.clone();
        Ok(ConsumerHandle::spawn(&handler, move |tasks| run(self, tasks)))
    }

    /// Returns the setup of the queues that the worker needs: its queue and its
    /// [dead-letter queue](Self::dead_letter_queue_url). Use it to create the queues before the worker is started.
    /// [`start`](Self::start) does not create them.
    ///
    /// # Errors
    /// [`InvalidOptionError`] for the first option with an invalid value.
    pub fn setup(&self) -> Result<SqsConsumerSetup, InvalidOptionError> {
        self.validate()?;
        Ok(SqsConsumerSetup::new(
            (self.client.clone(), self.policy.clone()),
            (self.queue_url.clone(), self.dead_letter_queue_url.clone()),
            self.visibility_timeout,
            self.retry_policy,
        ))
    }

    fn validate(&self) -> Result<(), InvalidOptionError> {
        let second = Duration::from_secs(1);
        self.policy.validate()?;
        let is_allowed = (1..=Semaphore::MAX_PERMITS).contains(&self.concurrency);
        InvalidOptionError::check(is_allowed, "concurrency", "must be at least 1")?;
        let is_allowed = (second..=20 * second).contains(&self.wait_time);
        InvalidOptionError::check(is_allowed, "wait_time", "must be between 1 and 20 seconds")?;
        let is_allowed = (second..=LONGEST_VISIBILITY_TIMEOUT).contains(&self.visibility_timeout);
        InvalidOptionError::check(is_allowed, "visibility_timeout", "must be between 1 second and 12 hours")
    }
}

impl<C: MessageChannel> fmt::Debug for SqsWorkerBuilder<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqsWorkerBuilder")
            .field("channel", &C::ID)
            .field("queue_url", &self.queue_url)
            .field("retry_policy", &self.retry_policy)
            .field("concurrency", &self.concurrency)
            .field("visibility_timeout", &self.visibility_timeout)
            .field("dead_letter_queue_url", &self.dead_letter_queue_url)
            .finish_non_exhaustive()
    }
}
