use std::fmt;
use std::future::{Future, pending, ready};
use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Waker};
use std::time::Duration;

use async_trait::async_trait;
use castore_core::channel::{
    AdapterFor, Bus, MessageBus, MessageChannel, MessageChannelAdapter, MessageOrder, PerAggregate, PublishError,
    PublishMessageOptions,
};
use castore_core::consumer::{
    Call, ChannelFilter, ConsumerError, ConsumerStatus, DeadLetter, DeadLetterHook, FailureAction, FilterPattern,
    HandlerError, Listeners, MessageContext, ReceivedMessage, RetryPolicy, UndecodedMessage,
};
use castore_core::future::BoxFuture;
use castore_core::message::StoredMessage;
use castore_core::metrics::Measurement;
use castore_core::service::{PartError, PartHealth, Readiness, ServicePart};

use super::check::check;
use super::dead_letters::InMemoryDeadLetters;
use super::lane::{Content, Delivery, Handler, Lane};
use super::settings::Settings;
use super::stored::publish_stored;

/// An in-memory message bus with any number of listeners, each with a filter.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # fn main() {
/// let app_bus = AppBus::new();
/// let listener = InMemoryMessageBusAdapter::attach_to(&app_bus);
/// listener.on(Filter::store::<Pokemon>(), |message, context| async move {
///     println!("attempt {}: {} of {}", context.attempt, message.event.version, message.event.aggregate_id);
///     Ok(())
/// });
/// # }
/// ```
///
/// Publishing does not wait for the handlers. Each handler receives its messages one at a time, in the order in which
/// they were published, and does not delay other handlers. If a handler fails, the message is retried for this handler
/// only, according to the [`RetryPolicy`]. In the meantime, the handler receives later messages. On a channel with
/// `order = "per_aggregate"`, however, later messages of the same aggregate wait for the retries. The number of
/// messages that wait for a slow handler is not limited.
///
/// In debug builds, publishing writes each message as JSON and reads it back, as the adapter of a broker would, and
/// rejects a message that no broker could carry. Release builds skip this check.
///
/// All clones refer to the same bus. The tasks that run handlers exist only while there are messages. A handler that
/// owns a store connected to this bus forms a reference cycle, which [`shutdown`](Self::shutdown) breaks by dropping
/// the handler.
pub struct InMemoryMessageBusAdapter<C: MessageChannel> {
    settings: Arc<Settings<C::Message>>,
    listeners: Arc<RwLock<ListenerList<C::Message>>>,
}

/// A copy-on-write list of listeners: adding a listener replaces the list, so that publishing clones only the `Arc`.
type ListenerList<M> = Arc<[Listener<M>]>;

/// A filter for messages. The second argument states whether the message is replayed.
type Passes<M> = Arc<dyn Fn(&M, bool) -> bool + Send + Sync>;

/// A listener: a filter, and the queue of the messages that wait for its handler.
struct Listener<M> {
    passes: Passes<M>,
    lane: Arc<Lane<M>>,
}

impl<M> Clone for Listener<M> {
    fn clone(&self) -> Self {
        Self { passes: self.passes.clone(), lane: self.lane.clone() }
    }
}

impl<C: MessageBus> InMemoryMessageBusAdapter<C> {
    /// Creates a bus for channel `C`, without attaching it.
    pub fn new() -> Self {
        Self {
            settings: Arc::new(Settings::new(C::ID, C::Order::PER_AGGREGATE)),
            listeners: Arc::new(RwLock::new(Arc::new([]))),
        }
    }

    /// Creates a bus and attaches it to `channel`.
    pub fn attach_to(channel: &C) -> Self {
        let adapter = Self::new();
        channel.set_adapter(adapter.clone());
        adapter
    }
}

/// This impl does not repeat the bound of the constructors, so that a wrong channel causes one compile error instead of
/// one for each later use.
impl<C: MessageChannel> InMemoryMessageBusAdapter<C> {
    /// Sets the retry policy for messages whose handler fails. Defaults to two retries, after 30 and 60 seconds.
    #[must_use = "the method returns the configured adapter"]
    pub fn with_retry_policy(self, retry_policy: RetryPolicy) -> Self {
        self.settings.set_retry_policy(retry_policy);
        self
    }

    /// Sets what happens to a message whose event store and event type pass the filter of a listener, but which this
    /// program cannot decode. Defaults to [`FailureAction::Retry`]. Other listeners [ignore](ConsumerStatus::ignored)
    /// the message.
    #[must_use = "the method returns the configured adapter"]
    pub fn with_undecodable_action(self, action: FailureAction) -> Self {
        self.settings.set_undecodable_action(action);
        self
    }

    /// Adds a handler that is called with each message that passes `filter`. If `filter` combines several filters, the
    /// handler is called only once for a message that passes more than one of them.
    ///
    /// With a filter for one event store, the handler receives the message type of that store. See [`ChannelFilter`]
    /// for the possible filters.
    pub fn on<F, M, H, Fut>(&self, filter: F, handler: H)
    where
        // `M` is separate from `F`, so that a filter of another channel causes a single compile error, at the filter.
        F: ChannelFilter<C, Message = M>,
        H: Fn(ReceivedMessage<M>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let patterns = filter.patterns();
        let filter = Arc::new(filter);
        let receives = filter.clone();
        let handler: Call<C::Message> = Arc::new(move |message, context| match receives.receive(message) {
            Some(message) => Box::pin(handler(message, context)),
            // Two Rust types share this event store id, and the message belongs to the other type.
            None => Box::pin(std::future::ready(Ok(()))),
        });
        self.add(Arc::new(move |message, replay| filter.passes(message, replay)), patterns, handler);
    }

    /// Adds a set of listeners as one handler. If one of the listeners fails, the message is retried for all listeners
    /// of the set whose filters it passes. To retry listeners separately, add each of them with [`on`](Self::on).
    pub fn listen(&self, listeners: Listeners<C>) {
        let patterns = listeners.patterns();
        let listeners = Arc::new(listeners);
        let passes = listeners.clone();
        self.add(Arc::new(move |message, replay| passes.wants(message, replay)), patterns, listeners.into_call());
    }

    fn add(&self, passes: Passes<C::Message>, patterns: Vec<FilterPattern>, call: Call<C::Message>) {
        let handler = Handler { call, patterns: patterns.into() };
        let lane = Arc::new(Lane::new(self.settings.clone(), Some(handler)));
        let listener = Listener { passes, lane };
        let mut listeners = self.listeners.write().unwrap_or_else(PoisonError::into_inner);
        *listeners = listeners.iter().cloned().chain([listener]).collect();
    }

    /// Sets the number of dead letters that are kept in memory, for [`dead_letters`](Self::dead_letters). All handlers
    /// share this capacity. If the capacity is exceeded, the oldest dead letter is dropped. Defaults to 0.
    #[must_use = "the method returns the configured adapter"]
    pub fn with_dead_letters(self, capacity: usize) -> Self {
        self.settings.dead_letters.set_capacity(capacity);
        self
    }

    /// Returns the dead letters that are kept for all handlers. A redriven message goes only to the handler that
    /// failed.
    pub fn dead_letters(&self) -> InMemoryDeadLetters<C::Message> {
        InMemoryDeadLetters::new(self.settings.dead_letters.clone(), None)
    }

    /// Returns the dead letters that are kept for one listener. `listener` is the index of the listener, counted from 0
    /// in the order in which the listeners were added. Returns `None` if there is no such listener.
    pub fn dead_letters_of(&self, listener: usize) -> Option<InMemoryDeadLetters<C::Message>> {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
        let lane = Arc::downgrade(&listeners.get(listener)?.lane);
        Some(InMemoryDeadLetters::new(self.settings.dead_letters.clone(), Some(lane)))
    }

    /// Sets the hook that is called with each dead letter of any handler, and replaces the previous hook. Dead letters
    /// are also logged, with or without a hook.
    pub fn on_dead_letter(&self, hook: impl Fn(DeadLetter<C::Message>) + Send + Sync + 'static) {
        self.settings.set_dead_letter_hook(Some(DeadLetterHook::new(hook)));
    }

    /// Returns the statistics of all listeners together.
    pub fn status(&self) -> ConsumerStatus {
        self.settings.counters.status()
    }

    /// Waits until no message is waiting or being handled, including messages that wait for a retry.
    pub async fn idle(&self) {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
        listeners.iter().for_each(|listener| listener.lane.resume());
        self.settings.pending.idle().await;
    }

    /// Shuts down the bus: rejects new messages, handles the existing messages (without waiting for the delays of their
    /// retries), and drops the handlers.
    ///
    /// This method waits for handlers without a time limit. To set a limit, use
    /// [`shutdown_within`](Self::shutdown_within). Do not await the shutdown in a handler, because the handler would
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

    /// Stops immediately: drops the running handlers and discards the waiting messages, as the end of the process
    /// would. The method returns when no handler is running, or after 2 seconds if a handler blocks its thread and
    /// cannot be stopped. Do not await this method in a handler, because the abort drops that handler.
    pub async fn abort(&self) {
        // All steps run before the first suspension, so the abort is complete even if its future is dropped later.
        self.settings.close();
        let discarded: usize = self.drop_handlers().iter().map(|listener| listener.lane.abort()).sum();
        self.settings.log_discarded(discarded);
        self.settings.abort_handlers().await;
    }

    fn deliver(&self, content: Content<C::Message>, replay: bool) -> Result<(), PublishError> {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
        // A stopped listener receives no further messages.
        for listener in listeners.iter().filter(|listener| !listener.lane.is_stopped()) {
            // An undecodable message goes to every lane. The lane ignores and counts the message if it passes no
            // filter.
            if let Content::Message(message) = &content
                && !(listener.passes)(message, replay)
            {
                continue;
            }
            listener.lane.deliver(Delivery::new(content.clone(), replay, None))?;
        }
        Ok(())
    }

    fn drop_handlers(&self) -> ListenerList<C::Message> {
        let listeners = {
            let mut place = self.listeners.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, Arc::new([]))
        };
        for listener in listeners.iter() {
            listener.lane.set_handler(None);
        }
        self.settings.set_dead_letter_hook(None);
        listeners
    }
}

#[async_trait]
impl<C: MessageBus> MessageChannelAdapter<C::Message> for InMemoryMessageBusAdapter<C> {
    async fn publish_message(&self, message: C::Message, options: PublishMessageOptions) -> Result<(), PublishError> {
        let _publisher = self.settings.enter()?;
        check(&message)?;
        self.deliver(Content::Message(Arc::new(message)), options.replay)
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
                    self.deliver(Content::Undecoded(undecoded), options.replay)
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
impl<C: MessageBus> AdapterFor<Bus> for InMemoryMessageBusAdapter<C> {
    type Order = PerAggregate;
}

impl<C: MessageBus> ServicePart for InMemoryMessageBusAdapter<C> {
    fn name(&self) -> String {
        format!("in-memory bus `{}`", C::ID)
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

impl<C: MessageChannel> Clone for InMemoryMessageBusAdapter<C> {
    fn clone(&self) -> Self {
        Self { settings: self.settings.clone(), listeners: self.listeners.clone() }
    }
}

impl<C: MessageBus> Default for InMemoryMessageBusAdapter<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: MessageChannel> fmt::Debug for InMemoryMessageBusAdapter<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner).len();
        formatter
            .debug_struct("InMemoryMessageBusAdapter")
            .field("settings", &self.settings)
            .field("listeners", &listeners)
            .finish()
    }
}
