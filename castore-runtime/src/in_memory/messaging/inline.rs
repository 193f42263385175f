use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore_core::channel::{
    AdapterFor, MessageChannel, MessageChannelAdapter, MessageOrder, MessageQueue, PublishError, PublishMessageOptions,
    Queue, RejectedMessage, SupportsOrder,
};
use castore_core::consumer::{
    Call, ConsumerStatus, Counters, HandlerError, HandlingOutcome, Listeners, MessageContext, ReceivedMessage,
    RetryPolicy, attempt,
};

use super::check::check;

/// A message queue that is its worker: a message is published when the worker has handled it.
///
/// Made for relays: a service with a database and no broker lets its relay call a worker, at least once for each
/// message and in order per aggregate. A message whose worker fails is tried again as the [`RetryPolicy`] says (here:
/// twice, after 100 and 200 ms). If the failure is [permanent](HandlerError::park), publishing is refused for good:
/// the relay parks the aggregate, and goes on with the others. Any other failure is an outage: the relay waits, and tries
/// again, until the worker succeeds; [`refusing_after_retries`](Self::refusing_after_retries) parks these as well. A
/// message, with its retries, must be done within the publish time-out of the relay.
///
/// A connected store that publishes on it waits for the worker with each push, and is told what the worker said.
///
/// Debug builds write and read each message, as the adapter of a broker does: publishing refuses a message that no broker could
/// carry. Release builds do not.
///
/// Clones are the same queue. Nothing waits in it, so there is nothing to shut down.
pub struct InlineMessageQueueAdapter<C: MessageChannel> {
    worker: Call<C::Message>,
    counters: Arc<Counters>,
    retry_policy: RetryPolicy,
    /// Whether a message is refused for good when its retries are used up.
    refuses_after_retries: bool,
    channel: PhantomData<fn(C)>,
}

impl<C: MessageChannel> InlineMessageQueueAdapter<C> {
    /// A queue for channel `C`, which is not attached to it yet.
    pub fn new<F, Fut>(worker: F) -> Self
    where
        C: MessageQueue,
        F: Fn(ReceivedMessage<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        Self::of(Arc::new(move |message, context| Box::pin(worker(ReceivedMessage::new(message), context))))
    }

    /// A queue for channel `C` whose worker are listeners: each message goes to those whose filter it passes.
    pub fn listening(listeners: Listeners<C>) -> Self
    where
        C: MessageQueue,
    {
        Self::of(Arc::new(listeners).into_call())
    }

    fn of(worker: Call<C::Message>) -> Self {
        // 2 is a positive number.
        let retry_policy = RetryPolicy::new(2, Duration::from_millis(100), 2.0).unwrap_or(RetryPolicy::NEVER);
        Self { worker, counters: Arc::default(), retry_policy, refuses_after_retries: false, channel: PhantomData }
    }

    /// What the worker has done. Messages that were rejected permanently count as dead letters.
    pub fn status(&self) -> ConsumerStatus {
        self.counters.status()
    }

    /// Sets how messages are tried again whose worker failed.
    #[must_use = "the method returns the configured adapter"]
    pub fn with_retry_policy(self, retry_policy: RetryPolicy) -> Self {
        Self { retry_policy, ..self }
    }

    /// Refuses a message for good also when its retries are used up: for workers that do not tell failures that pass
    /// from those that stay. While a service that the worker calls is away, all aggregates are then parked one by one,
    /// and tried again less and less often.
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
                // For a relay this is an outage: it waits and holds everything back.
                HandlingOutcome::Stop(error) => return Err(PublishError::Broker(error.into_source())),
                HandlingOutcome::Park(error) => {
                    let permanent = error.is_permanent() || self.refuses_after_retries;
                    if permanent {
                        self.counters.dead_letter();
                    }
                    let rejected = RejectedMessage::new(0, permanent, error.into_source());
                    return Err(PublishError::Rejected { published: 1, rejected: vec![rejected] });
                }
            }
            number += 1;
        }
    }

    fn preserves_order_on_rejection(&self) -> bool {
        true
    }
}

impl<C: MessageQueue> AdapterFor<Queue> for InlineMessageQueueAdapter<C> {}

/// As they are published, which a relay does in order.
impl<C: MessageQueue, O: MessageOrder> SupportsOrder<O> for InlineMessageQueueAdapter<C> {}

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
