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
    Call, ConsumerStatus, Counters, HandlerError, HandlingOutcome, Listeners, MessageContext, ReceivedMessage,
    RetryPolicy, attempt,
};

use super::check::check;

/// A message queue that runs the worker inside `publish`: publishing succeeds if the worker succeeds.
///
/// Use this queue with a relay, in a service that has a database but no broker. The relay then calls the worker at
/// least once for each message, in order per aggregate.
///
/// If the worker fails, the message is retried according to the [`RetryPolicy`]. Defaults to two retries, after 100 and
/// 200 ms. If the failure is [permanent](HandlerError::park), the message is rejected permanently: the relay parks the
/// aggregate and continues with other aggregates. If no retry is left after any other failure, the relay treats the
/// failure as an outage: it waits and retries until the worker succeeds. With
/// [`refusing_after_retries`](Self::refusing_after_retries), the relay parks the aggregate in this case as well. A
/// message and its retries must complete within the publish timeout of the relay.
///
/// If a connected store publishes on this queue, each push waits for the worker. If the worker fails, the push returns
/// an error that contains the worker's error.
///
/// In debug builds, publishing writes each message as JSON and reads it back, as the adapter of a broker would, and
/// rejects a message that no broker could carry. Release builds skip this check.
///
/// All clones refer to the same queue. No messages wait in the queue, so it needs no shutdown.
pub struct InlineMessageQueueAdapter<C: MessageChannel> {
    worker: Call<C::Message>,
    counters: Arc<Counters>,
    retry_policy: RetryPolicy,
    /// Whether a message is rejected permanently when no retry is left.
    refuses_after_retries: bool,
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
        Self::of(Arc::new(move |message, context| Box::pin(worker(ReceivedMessage::new(message), context))))
    }

    /// Creates a queue for channel `C` whose worker is a set of listeners: each message is passed to the listeners
    /// whose filters it passes.
    pub fn listening(listeners: Listeners<C>) -> Self
    where
        C: MessageQueue,
    {
        Self::of(Arc::new(listeners).into_call())
    }

    fn of(worker: Call<C::Message>) -> Self {
        // The constructor rejects only invalid backoff rates, and 2.0 is valid.
        let retry_policy = RetryPolicy::new(2, Duration::from_millis(100), 2.0).unwrap_or(RetryPolicy::NEVER);
        Self { worker, counters: Arc::default(), retry_policy, refuses_after_retries: false, channel: PhantomData }
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

    /// Configures the queue to reject a message permanently also if no retry is left. Use this option for workers that
    /// do not distinguish temporary from permanent failures. With this option, if a service that the worker calls is
    /// unavailable, the relay parks all aggregates one by one and retries them with growing delays.
    #[must_use = "the method returns the configured adapter"]
    pub fn refusing_after_retries(self) -> Self {
        Self { refuses_after_retries: true, ..self }
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
            match attempt(&self.worker, &self.counters, C::ID, &message, number, options.replay, policy).await {
                HandlingOutcome::Done => return Ok(()),
                HandlingOutcome::Retry(delay, _) => tokio::time::sleep(delay).await,
                // A relay treats this error as an outage: it waits and publishes nothing else.
                HandlingOutcome::Stop(error) => return Err(PublishError::Broker(error.into_source())),
                HandlingOutcome::Park(error) => {
                    let permanent = error.is_permanent() || self.refuses_after_retries;
                    if permanent {
                        self.counters.dead_letter();
                    }
                    let rejected = RejectedMessage::new(0, permanent, error.into_source());
                    return Err(PublishError::Rejected { total: 1, rejected: vec![rejected] });
                }
            }
            number += 1;
        }
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
