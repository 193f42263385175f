use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore_core::channel::{
    AdapterFor, MessageChannel, MessageChannelAdapter, MessageQueue, PerAggregate, PublishError, PublishMessageOptions,
    Queue, RejectedMessage,
};
use castore_core::consumer::{
    ConsumerStatus, Counters, FailureAction, FilterPattern, HandlerError, HandlingOutcome, Listeners, MessageContext,
    ReceivedMessage, RetryPolicy, UndecodedMessage, attempt, attempt_undecodable,
};
use castore_core::message::StoredMessage;

use super::check::check;
use super::lane::Handler;
use super::stored::publish_stored;

/// A message queue that runs the worker inside `publish`: publishing succeeds if the worker succeeds.
///
/// Use this queue with a relay, in a service that has a database but no broker. The relay then calls the worker at
/// least once for each message, in order per aggregate.
///
/// If the worker fails, the message is retried according to the [`RetryPolicy`]: by default twice, after 100 and 200
/// ms. If the failure is [permanent](HandlerError::park), the message is not retried but rejected permanently: the
/// relay parks the aggregate and continues with other aggregates. If the worker returns an error with
/// [`FailureAction::Skip`], the message counts as handled. If no retry is left, or if the worker returns an error with
/// [`FailureAction::Stop`], the relay treats the failure as an outage: it waits and retries until the worker succeeds.
/// With [`refusing_after_retries`](Self::refusing_after_retries), the relay instead parks the aggregate if no retry is
/// left. A message and its retries must complete within the publish timeout of the relay.
///
/// If a connected store publishes on this queue, each push waits for the worker. If the worker fails, the push returns
/// an error that contains the worker's error.
///
/// In debug builds, publishing writes each message as JSON and reads it back, as the adapter of a broker would, and
/// rejects a message that no broker could carry. Release builds skip this check.
///
/// Clones share the worker and its statistics, but each clone has its own options. No messages wait in the queue, so it
/// needs no shutdown.
pub struct InlineMessageQueueAdapter<C: MessageChannel> {
    worker: Handler<C::Message>,
    counters: Arc<Counters>,
    retry_policy: RetryPolicy,
    /// A flag that is `true` if a message is rejected permanently when no retry is left.
    refuses_after_retries: bool,
    undecodable_action: FailureAction,
    channel: PhantomData<fn(C)>,
}

impl<C: MessageChannel> InlineMessageQueueAdapter<C> {
    /// Creates a queue with the given worker for channel `C`, without attaching it.
    pub fn new<F, Fut>(worker: F) -> Self
    where
        C: MessageQueue,
        F: Fn(ReceivedMessage<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        Self::of(Handler {
            call: Arc::new(move |message, context| Box::pin(worker(ReceivedMessage::new(message), context))),
            patterns: [FilterPattern::all().on_replay(true)].into(),
        })
    }

    /// Creates a queue for channel `C` whose worker is a set of listeners: each message is passed to the listeners
    /// whose filters it passes.
    pub fn listening(listeners: Listeners<C>) -> Self
    where
        C: MessageQueue,
    {
        let patterns = listeners.patterns().into();
        Self::of(Handler { call: Arc::new(listeners).into_call(), patterns })
    }

    fn of(worker: Handler<C::Message>) -> Self {
        // The backoff rate 2 is valid.
        let retry_policy = RetryPolicy::new(2, Duration::from_millis(100), 2.0).unwrap_or(RetryPolicy::NEVER);
        Self {
            worker,
            counters: Arc::default(),
            retry_policy,
            refuses_after_retries: false,
            undecodable_action: FailureAction::default(),
            channel: PhantomData,
        }
    }

    /// Returns the statistics of the worker. Messages that were rejected permanently count as dead letters.
    pub fn status(&self) -> ConsumerStatus {
        self.counters.status()
    }

    /// Sets the retry policy for messages whose worker fails. Defaults to two retries, after 100 and 200 ms.
    #[must_use = "the method returns the configured adapter"]
    pub fn with_retry_policy(self, retry_policy: RetryPolicy) -> Self {
        Self { retry_policy, ..self }
    }

    /// Sets what happens to a message whose event store and event type pass the worker's filters, but which this
    /// program cannot decode. By default, the message is rejected permanently without a retry: the relay parks the
    /// aggregate. After an update of the program, the relay can decode the message when it retries the aggregate. With
    /// [`FailureAction::Skip`], the message counts as handled. With [`FailureAction::Stop`], the failure counts as an
    /// outage. Any other message that cannot be decoded is [ignored](ConsumerStatus::ignored).
    #[must_use = "the method returns the configured adapter"]
    pub fn with_undecodable_action(self, action: FailureAction) -> Self {
        Self { undecodable_action: action, ..self }
    }

    /// Configures the queue to reject a message permanently if no retry is left. Use this option for workers that do
    /// not distinguish temporary and permanent failures. If a service that the worker calls is unavailable, all
    /// aggregates are then parked one by one, and retried with growing delays.
    #[must_use = "the method returns the configured adapter"]
    pub fn refusing_after_retries(self) -> Self {
        Self { refuses_after_retries: true, ..self }
    }

    /// Returns the result for a message that this program cannot decode. There is no retry, because this program cannot
    /// decode it in a later attempt either.
    fn decide(&self, undecoded: UndecodedMessage) -> Result<(), PublishError> {
        let UndecodedMessage { message, error, .. } = undecoded;
        let error = HandlerError::with_action(error, self.undecodable_action);
        let (patterns, never) = (&self.worker.patterns, &RetryPolicy::NEVER);
        match attempt_undecodable(&self.counters, patterns, C::ID, &message, error, 1, never) {
            HandlingOutcome::Done => Ok(()),
            HandlingOutcome::Stop(error) => Err(PublishError::Broker(error.into_source())),
            HandlingOutcome::Park(error) | HandlingOutcome::Retry(_, error) => Err(self.reject(true, error)),
        }
    }

    fn reject(&self, permanent: bool, error: HandlerError) -> PublishError {
        if permanent {
            self.counters.dead_letter();
        }
        let rejected = RejectedMessage::new(0, permanent, error.into_source());
        PublishError::Rejected { total: 1, rejected: vec![rejected] }
    }
}

#[async_trait]
impl<C: MessageQueue> MessageChannelAdapter<C::Message> for InlineMessageQueueAdapter<C> {
    async fn publish_message(&self, message: C::Message, options: PublishMessageOptions) -> Result<(), PublishError> {
        check(&message)?;
        let message = Arc::new(message);
        let mut number = 1;
        loop {
            let policy = &self.retry_policy;
            match attempt(&self.worker.call, &self.counters, C::ID, &message, number, options.replay, policy).await {
                HandlingOutcome::Done => return Ok(()),
                HandlingOutcome::Retry(delay, _) => tokio::time::sleep(delay).await,
                // A relay treats this error as an outage: it waits and publishes nothing else.
                HandlingOutcome::Stop(error) => return Err(PublishError::Broker(error.into_source())),
                HandlingOutcome::Park(error) => {
                    let permanent = error.is_permanent() || self.refuses_after_retries;
                    return Err(self.reject(permanent, error));
                }
            }
            number += 1;
        }
    }

    async fn publish_stored_messages(
        &self,
        messages: Vec<StoredMessage<C::Message>>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        publish_stored(messages, options.replay, |message: Result<C::Message, UndecodedMessage>| async {
            match message {
                Ok(message) => self.publish_message(message, options.clone()).await,
                Err(undecoded) => self.decide(undecoded),
            }
        })
        .await
    }

    fn preserves_order_on_rejection(&self) -> bool {
        true
    }
}

/// The queue handles messages in the order in which they are published, and a relay publishes in order.
impl<C: MessageQueue> AdapterFor<Queue> for InlineMessageQueueAdapter<C> {
    type Order = PerAggregate;
}

impl<C: MessageChannel> Clone for InlineMessageQueueAdapter<C> {
    fn clone(&self) -> Self {
        Self { worker: self.worker.clone(), counters: self.counters.clone(), channel: PhantomData, ..*self }
    }
}

impl<C: MessageChannel> fmt::Debug for InlineMessageQueueAdapter<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("InlineMessageQueueAdapter")
            .field("retry_policy", &self.retry_policy)
            .finish_non_exhaustive()
    }
}
