use std::fmt;
use std::future::{Future, pending, ready};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use async_trait::async_trait;
use castore_core::channel::{
    AdapterFor, MessageChannel, MessageChannelAdapter, MessageOrder, MessageQueue, PerAggregate, PublishError,
    PublishMessageOptions, Queue,
};
use castore_core::consumer::{
    ConsumerError, ConsumerStatus, DeadLetter, DeadLetterHook, FailureAction, FilterPattern, HandlerError, Listeners,
    MessageContext, ReceivedMessage, RetryPolicy, UndecodedMessage,
};
use castore_core::future::BoxFuture;
use castore_core::message::StoredMessage;
use castore_core::metrics::Measurement;
use castore_core::service::{PartError, PartHealth, Readiness, ServicePart};
use tokio::sync::Semaphore;

use super::check::check;
use super::dead_letters::InMemoryDeadLetters;
use super::lane::{Content, Delivery, Handler, Lane};
use super::settings::Settings;
use super::stored::publish_stored;

/// An in-memory message queue with one worker and a limited capacity. Messages are delivered first in, first out,
/// except for retries.
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
/// Publishing waits for free capacity, but not for the worker. A worker that publishes on its own full queue waits
/// forever. If the worker fails, the message is retried according to the [`RetryPolicy`]. In the meantime, the worker
/// receives later messages. On a channel with `order = "per_aggregate"`, however, later messages of the same aggregate
/// wait for the retries. As in the original TypeScript library, messages that are published while there is no worker
/// are lost.
///
/// A message that waits for a retry still uses capacity.
///
/// In debug builds, publishing writes each message as JSON and reads it back, as the adapter of a broker would, and
/// rejects a message that no broker could carry. Release builds skip this check.
///
/// All clones refer to the same queue. The task that runs the worker exists only while there are messages. A worker
/// that owns the channel of this queue forms a reference cycle, which [`shutdown`](Self::shutdown) breaks by dropping
/// the worker.
pub struct InMemoryMessageQueueAdapter<C: MessageChannel> {
    settings: Arc<Settings<C::Message>>,
    lane: Arc<Lane<C::Message>>,
    places: Arc<Semaphore>,
}

/// The default capacity.
const CAPACITY: usize = 1024;

impl<C: MessageQueue> InMemoryMessageQueueAdapter<C> {
    /// Creates a queue for channel `C` with a capacity of 1024, without attaching it.
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// Creates a queue with the given capacity, without attaching it. Publishers wait while the queue is full. A
    /// capacity of 0 counts as 1.
    pub fn with_capacity(capacity: usize) -> Self {
        let settings = Arc::new(Settings::new(C::ID, C::Order::PER_AGGREGATE));
        let lane = Arc::new(Lane::new(settings.clone(), None));
        let places = Arc::new(Semaphore::new(capacity.clamp(1, Semaphore::MAX_PERMITS)));
        Self { settings, lane, places }
    }

    /// Creates a queue and attaches it to `channel`.
    pub fn attach_to(channel: &C) -> Self {
        let adapter = Self::new();
        channel.set_adapter(adapter.clone());
        adapter
    }
}

/// This impl does not repeat the bound of the constructors, so that a wrong channel causes one compile error instead of
/// one for each later use.
impl<C: MessageChannel> InMemoryMessageQueueAdapter<C> {
    /// Sets the retry policy for messages whose worker fails. Defaults to two retries, after 30 and 60 seconds.
    #[must_use = "the method returns the configured adapter"]
    pub fn with_retry_policy(self, retry_policy: RetryPolicy) -> Self {
        self.settings.set_retry_policy(retry_policy);
        self
    }

    /// Sets what happens to a message whose event store and event type pass the worker's filters, but which this
    /// program cannot decode. Defaults to [`FailureAction::Retry`]. A worker without filters receives all messages. Any
    /// other message that cannot be decoded is [ignored](ConsumerStatus::ignored).
    #[must_use = "the method returns the configured adapter"]
    pub fn with_undecodable_action(self, action: FailureAction) -> Self {
        self.settings.set_undecodable_action(action);
        self
    }

    /// Sets the worker and replaces the previous one. Waiting messages, including those that wait for a retry, go to
    /// the new worker.
    pub fn worker<F, Fut>(&self, worker: F)
    where
        F: Fn(ReceivedMessage<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.lane.set_handler(Some(Handler {
            call: Arc::new(move |message, context| Box::pin(worker(ReceivedMessage::new(message), context))),
            patterns: [FilterPattern::all().on_replay(true)].into(),
        }));
    }

    /// Uses a set of listeners as the worker, and replaces the previous worker. Each message is passed to the listeners
    /// whose filters it passes: see [`Listeners`].
    pub fn listen(&self, listeners: Listeners<C>) {
        let patterns = listeners.patterns().into();
        self.lane.set_handler(Some(Handler { call: Arc::new(listeners).into_call(), patterns }));
    }

    /// Sets the number of dead letters that are kept in memory, for [`dead_letters`](Self::dead_letters). If this
    /// number is exceeded, the oldest dead letter is dropped. Defaults to 0.
    #[must_use = "the method returns the configured adapter"]
    pub fn with_dead_letters(self, capacity: usize) -> Self {
        self.settings.dead_letters.set_capacity(capacity);
        self
    }

    /// Returns the dead letters that are kept. A redriven message goes to the current worker, even if an earlier worker
    /// failed to handle the message.
    pub fn dead_letters(&self) -> InMemoryDeadLetters<C::Message> {
        InMemoryDeadLetters::new(self.settings.dead_letters.clone(), None)
    }

    /// Sets the hook that is called with each dead letter, and replaces the previous hook. Dead letters are also
    /// logged, with or without a hook.
    pub fn on_dead_letter(&self, hook: impl Fn(DeadLetter<C::Message>) + Send + Sync + 'static) {
        self.settings.set_dead_letter_hook(Some(DeadLetterHook::new(hook)));
    }

    /// Returns the statistics of the worker.
    pub fn status(&self) -> ConsumerStatus {
        self.settings.counters.status()
    }

    /// Waits until no message is waiting or being handled, including messages that wait for a retry.
    pub async fn idle(&self) {
        self.lane.resume();
        self.settings.pending.idle().await;
    }

    /// Shuts down the queue: rejects new messages, handles the existing messages (without waiting for the delays of
    /// their retries), and drops the worker.
    ///
    /// This method waits for the worker without a time limit. To set a limit, use
    /// [`shutdown_within`](Self::shutdown_within). Do not await the shutdown in the worker, because the worker would
    /// wait for itself.
    pub async fn shutdown(&self) {
        self.settings.close();
        self.idle().await;
        self.drop_handlers();
    }

    /// Shuts down like [`shutdown`](Self::shutdown), but [aborts](Self::abort) if the shutdown takes longer than
    /// `limit`.
    ///
    /// # Errors
    /// [`ConsumerError::ShutdownTimedOut`] if the shutdown was aborted.
    pub async fn shutdown_within(&self, limit: Duration) -> Result<(), ConsumerError> {
        self.settings.shutdown_within(limit, self.shutdown(), self.abort()).await
    }

    /// Stops immediately: drops the running worker and discards the waiting messages, as the end of the process would.
    /// The method returns when the worker has stopped, or after 2 seconds if the worker blocks its thread and cannot be
    /// stopped. Do not await this method in the worker, because the abort drops the worker.
    pub async fn abort(&self) {
        // All steps run before the first suspension, so the abort is complete even if its future is dropped later.
        self.settings.close();
        let discarded = self.lane.abort();
        self.settings.log_discarded(discarded);
        self.drop_handlers();
        self.settings.abort_handlers().await;
    }

    async fn deliver(&self, content: Content<C::Message>, replay: bool) -> Result<(), PublishError> {
        if !self.lane.has_handler() {
            let channel = self.settings.message_channel_id;
            tracing::warn!(channel, "a message was lost, because its queue has no worker");
            return Ok(());
        }
        let place = self.places.clone().acquire_owned().await.map_err(|_| PublishError::ShutDown)?;
        self.lane.deliver(Delivery::new(content, replay, Some(place)))
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
        self.deliver(Content::Message(Arc::new(message)), options.replay).await
    }

    async fn publish_stored_messages(
        &self,
        messages: Vec<StoredMessage<C::Message>>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        publish_stored(messages, options.replay, |message: Result<C::Message, UndecodedMessage>| async {
            match message {
                Ok(message) => self.publish_message(message, options.clone()).await,
                Err(undecoded) => {
                    let _publisher = self.settings.enter()?;
                    self.deliver(Content::Undecoded(undecoded), options.replay).await
                }
            }
        })
        .await
    }

    /// Returns `true`, because the default implementation of `publish_messages` holds back the later messages of an
    /// aggregate after one of its messages was rejected.
    fn preserves_order_on_rejection(&self) -> bool {
        true
    }
}

/// Messages are handled in order per aggregate if the channel promises this order.
impl<C: MessageQueue> AdapterFor<Queue> for InMemoryMessageQueueAdapter<C> {
    type Order = PerAggregate;
}

impl<C: MessageQueue> ServicePart for InMemoryMessageQueueAdapter<C> {
    fn name(&self) -> String {
        format!("in-memory queue `{}`", C::ID)
    }

    fn finished(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(pending())
    }

    fn shutdown(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(async {
            self.shutdown().await;
            Ok(())
        })
    }

    fn abort(&self) {
        // The first poll runs all steps of the abort. The rest of the future only waits for the end of the handlers.
        let _ = pin!(self.abort()).poll(&mut Context::from_waker(Waker::noop()));
    }

    fn health<'a>(&'a self, _: &'a Readiness) -> BoxFuture<'a, PartHealth> {
        Box::pin(ready(self.settings.health(ServicePart::name(self))))
    }

    fn measure(&self) -> BoxFuture<'_, Vec<Measurement>> {
        Box::pin(ready(self.status().measurements(C::ID)))
    }
}

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
