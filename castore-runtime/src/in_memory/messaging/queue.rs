use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore_core::channel::{
    AdapterFor, MessageChannel, MessageChannelAdapter, MessageOrder, MessageQueue, PublishError, PublishMessageOptions,
    Queue, SupportsOrder,
};
use castore_core::consumer::{
    Call, ConsumerError, ConsumerStatus, DeadLetter, DeadLetterHook, HandlerError, Listeners, MessageContext,
    ReceivedMessage, RetryPolicy,
};
use tokio::sync::Semaphore;

use super::check::check;
use super::lane::{Delivery, Lane};
use super::settings::Settings;

/// A message queue in the memory of the process: one worker, first in first out, bounded.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # fn main() {
/// # let backup_queue = BackupQueue::new(BackupQueueSources { pokemon: EventStore::default(), trainer: EventStore::default() });
/// let queue = InMemoryMessageQueueAdapter::attach_to(&backup_queue);
/// queue.worker(|message, context| async move {
///     println!("attempt {}: {message:?}", context.attempt);
///     Ok(())
/// });
/// # }
/// ```
///
/// Publishing does not wait for the worker, only for a place in the queue: a worker that publishes on its own queue
/// while it is full waits for itself. A message whose worker fails is tried again, as the [`RetryPolicy`] says, after
/// later ones; on a channel with `order = "per_aggregate"` the later ones of its aggregate wait. As in Castore,
/// messages that are published while there is no worker are gone.
///
/// A message that waits for its next attempt keeps its place in the queue: bounded is bounded.
///
/// Debug builds write and read each message, as the adapter of a broker does: publishing refuses a message that no broker could
/// carry. Release builds do not.
///
/// Clones are the same queue. The task that runs the worker lives only while there are messages. A worker that owns
/// the channel it works for keeps itself alive: [`shutdown`](Self::shutdown) lets go of it.
pub struct InMemoryMessageQueueAdapter<C: MessageChannel> {
    settings: Arc<Settings<C::Message>>,
    lane: Arc<Lane<C::Message>>,
    places: Arc<Semaphore>,
}

/// How many messages may wait, unless told otherwise.
const CAPACITY: usize = 1024;

impl<C: MessageQueue> InMemoryMessageQueueAdapter<C> {
    /// A queue for channel `C`, which is not attached to it yet.
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// A queue in which up to `capacity` messages wait, in place of 1024. A publisher waits while it is full.
    /// At least one place there is.
    pub fn with_capacity(capacity: usize) -> Self {
        let settings = Arc::new(Settings::new(C::ID, C::Order::PER_AGGREGATE));
        let lane = Arc::new(Lane::new(settings.clone(), None));
        let places = Arc::new(Semaphore::new(capacity.clamp(1, Semaphore::MAX_PERMITS)));
        Self { settings, lane, places }
    }

    /// A queue that is the adapter of `channel`.
    pub fn attach_to(channel: &C) -> Self {
        let adapter = Self::new();
        channel.set_adapter(adapter.clone());
        adapter
    }
}

/// Without the bound of the constructors: one wrong channel is one error, not one for each later use.
impl<C: MessageChannel> InMemoryMessageQueueAdapter<C> {
    /// Sets how messages are tried again whose worker failed.
    #[must_use = "the method returns the configured adapter"]
    pub fn with_retry_policy(self, retry_policy: RetryPolicy) -> Self {
        self.settings.set_retry_policy(retry_policy);
        self
    }

    /// Sets the worker, in place of the one before. Messages that wait, also for a retry, go to the new one.
    pub fn worker<F, Fut>(&self, worker: F)
    where
        F: Fn(ReceivedMessage<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let handler: Call<C::Message> =
            Arc::new(move |message, context| Box::pin(worker(ReceivedMessage::new(message), context)));
        self.lane.set_handler(Some(handler));
    }

    /// Sets listeners as the worker: each message goes to those whose filter it passes.
    pub fn listen(&self, listeners: Listeners<C>) {
        self.lane.set_handler(Some(Arc::new(listeners).into_call()));
    }

    /// Calls `hook` with each message that no attempt could handle. Without a hook such messages are only logged.
    pub fn on_dead_letter(&self, hook: impl Fn(DeadLetter<C::Message>) + Send + Sync + 'static) {
        self.settings.set_dead_letter_hook(Some(DeadLetterHook::new(hook)));
    }

    /// What the worker has done.
    pub fn status(&self) -> ConsumerStatus {
        self.settings.counters.status()
    }

    /// Returns when no message waits or is being handled, retries included.
    pub async fn idle(&self) {
        self.lane.resume();
        self.settings.pending.idle().await;
    }

    /// Takes no more messages, handles those that are there (without waiting for the delay of their retries), and drops the
    /// worker.
    ///
    /// It waits for the worker however long it takes: see [`shutdown_within`](Self::shutdown_within). Do not await it in the
    /// worker, which would wait for itself.
    pub async fn shutdown(&self) {
        self.settings.close();
        self.idle().await;
        self.drop_handlers();
    }

    /// As [`shutdown`](Self::shutdown), but at the deadline it [aborts](Self::abort).
    ///
    /// # Errors
    /// [`ConsumerError::ShutdownTimedOut`] if it aborted.
    pub async fn shutdown_within(&self, limit: Duration) -> Result<(), ConsumerError> {
        self.settings.shutdown_within(limit, self.shutdown(), self.abort()).await
    }

    /// Stops at once: drops the worker while it runs and discards the messages that wait, as the end of the process would.
    /// Returns when the worker runs no more, or after 2 seconds, since a worker that blocks its thread cannot be stopped.
    /// Do not await it in the worker, which it drops.
    pub async fn abort(&self) {
        // All of it before the first await: an abort that is dropped half-way has still happened.
        self.settings.close();
        let discarded = self.lane.abort();
        self.settings.log_discarded(discarded);
        self.drop_handlers();
        self.settings.abort_handlers().await;
    }

    fn drop_handlers(&self) {
        self.lane.set_handler(None);
        self.settings.set_dead_letter_hook(None);
    }
}

#[async_trait]
impl<C: MessageQueue> MessageChannelAdapter<C::Message> for InMemoryMessageQueueAdapter<C> {
    async fn publish_message(&self, message: C::Message, options: PublishMessageOptions) -> Result<(), PublishError> {
        let _publisher = self.settings.enter()?;
        check(&message)?;
        if !self.lane.has_handler() {
            tracing::warn!(message_channel = C::ID, "a message was published without worker, and is gone");
            return Ok(());
        }
        let place = self.places.clone().acquire_owned().await.map_err(|_| PublishError::ShutDown)?;
        self.lane.deliver(Delivery::new(Arc::new(message), options.replay, Some(place)))
    }

    /// It refuses no message but when it is shut down, and then all.
    fn preserves_order_on_rejection(&self) -> bool {
        true
    }
}

impl<C: MessageQueue> AdapterFor<Queue> for InMemoryMessageQueueAdapter<C> {}

/// Which order it keeps is the channel's choice.
impl<C: MessageQueue, O: MessageOrder> SupportsOrder<O> for InMemoryMessageQueueAdapter<C> {}

impl<C: MessageChannel> Clone for InMemoryMessageQueueAdapter<C> {
    fn clone(&self) -> Self {
        Self { settings: self.settings.clone(), lane: self.lane.clone(), places: self.places.clone() }
    }
}

impl<C: MessageQueue> Default for InMemoryMessageQueueAdapter<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: MessageChannel> fmt::Debug for InMemoryMessageQueueAdapter<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("InMemoryMessageQueueAdapter")
            .field("settings", &self.settings)
            .field("places_left", &self.places.available_permits())
            .finish_non_exhaustive()
    }
}
