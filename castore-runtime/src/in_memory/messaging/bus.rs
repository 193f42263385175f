use std::fmt;
use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use castore_core::channel::{
    AdapterFor, Bus, MessageBus, MessageChannel, MessageChannelAdapter, MessageOrder, PublishError,
    PublishMessageOptions, SupportsOrder,
};
use castore_core::consumer::{
    Call, ChannelFilter, ConsumerError, ConsumerStatus, DeadLetter, DeadLetterHook, HandlerError, Listeners,
    MessageContext, ReceivedMessage, RetryPolicy,
};

use super::check::check;
use super::lane::{Delivery, Lane};
use super::settings::Settings;

/// A message bus in the memory of the process: any number of listeners, each with its filters.
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
/// Publishing does not wait for the handlers. Each handler gets its messages one at a time, in the order in which they
/// were published, and is held up by no other. A message whose handler fails is tried again for that handler alone,
/// as the [`RetryPolicy`] says, after later ones; on a channel with `order = "per_aggregate"` the later ones of its
/// aggregate wait. What waits for a slow handler is not bounded.
///
/// Debug builds write and read each message, as the adapter of a broker does: publishing refuses a message that no broker could
/// carry. Release builds do not.
///
/// Clones are the same bus. The tasks that run handlers live only while there are messages. A handler that owns a
/// store connected to this bus keeps itself alive: [`shutdown`](Self::shutdown) lets go of it.
pub struct InMemoryMessageBusAdapter<C: MessageChannel> {
    settings: Arc<Settings<C::Message>>,
    listeners: Arc<RwLock<ListenerList<C::Message>>>,
}

/// Replaced as a whole when one is added, so that publishing takes them without copying.
type ListenerList<M> = Arc<[Listener<M>]>;

/// Whether a message, published as a replay or not, is for a listener.
type Passes<M> = Arc<dyn Fn(&M, bool) -> bool + Send + Sync>;

/// A handler, with the way to it.
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
    /// A bus for channel `C`, which is not attached to it yet.
    pub fn new() -> Self {
        Self {
            settings: Arc::new(Settings::new(C::ID, C::Order::PER_AGGREGATE)),
            listeners: Arc::new(RwLock::new(Arc::new([]))),
        }
    }

    /// A bus that is the adapter of `channel`.
    pub fn attach_to(channel: &C) -> Self {
        let adapter = Self::new();
        channel.set_adapter(adapter.clone());
        adapter
    }
}

/// Without the bound of the constructors: one wrong channel is one error, not one for each later use.
impl<C: MessageChannel> InMemoryMessageBusAdapter<C> {
    /// Sets how messages are tried again whose handler failed.
    #[must_use = "the method returns the configured adapter"]
    pub fn with_retry_policy(self, retry_policy: RetryPolicy) -> Self {
        self.settings.set_retry_policy(retry_policy);
        self
    }

    /// Calls `handler` with each message that passes `filter`; or any one of several filters, once.
    ///
    /// A filter of one store hands over that store's messages. See [`ChannelFilter`] for what a filter can be.
    pub fn on<F, M, H, Fut>(&self, filter: F, handler: H)
    where
        // `M` apart from `F`, so that a filter of another channel is the compiler's one complaint, at the filter.
        F: ChannelFilter<C, Message = M>,
        H: Fn(ReceivedMessage<M>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let filter = Arc::new(filter);
        let receives = filter.clone();
        let handler: Call<C::Message> = Arc::new(move |message, context| match receives.receive(message) {
            Some(message) => Box::pin(handler(message, context)),
            // Two Rust types with one event store id: the message is of the other.
            None => Box::pin(std::future::ready(Ok(()))),
        });
        self.add(Arc::new(move |message, replay| filter.passes(message, replay)), handler);
    }

    /// Calls listeners, as one handler: a message that one of them fails to handle comes again to all whose filter it
    /// passes. Handlers that are tried again each on their own are added with [`on`](Self::on).
    pub fn listen(&self, listeners: Listeners<C>) {
        let listeners = Arc::new(listeners);
        let passes = listeners.clone();
        self.add(Arc::new(move |message, replay| passes.wants(message, replay)), listeners.into_call());
    }

    fn add(&self, passes: Passes<C::Message>, handler: Call<C::Message>) {
        let lane = Arc::new(Lane::new(self.settings.clone(), Some(handler)));
        let listener = Listener { passes, lane };
        let mut listeners = self.listeners.write().unwrap_or_else(PoisonError::into_inner);
        *listeners = listeners.iter().cloned().chain([listener]).collect();
    }

    /// Calls `hook` with each message that no attempt of a handler could handle. Without a hook such messages are
    /// only logged.
    pub fn on_dead_letter(&self, hook: impl Fn(DeadLetter<C::Message>) + Send + Sync + 'static) {
        self.settings.set_dead_letter_hook(Some(DeadLetterHook::new(hook)));
    }

    /// What the listeners have done, together.
    pub fn status(&self) -> ConsumerStatus {
        self.settings.counters.status()
    }

    /// Returns when no message waits or is being handled, retries included.
    pub async fn idle(&self) {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
        listeners.iter().for_each(|listener| listener.lane.resume());
        self.settings.pending.idle().await;
    }

    /// Takes no more messages, handles those that are there (without waiting for the delay of their retries), and drops the
    /// handlers.
    ///
    /// It waits for handlers however long they take: see [`shutdown_within`](Self::shutdown_within). Do not await it in a
    /// handler, which would wait for itself.
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

    /// Stops at once: drops the handlers that run and discards the messages that wait, as the end of the process would.
    /// Returns when no handler runs any more, or after 2 seconds, since a handler that blocks its thread cannot be stopped.
    /// Do not await it in a handler, which it drops.
    pub async fn abort(&self) {
        // All of it before the first await: an abort that is dropped half-way has still happened.
        self.settings.close();
        let discarded: usize = self.drop_handlers().iter().map(|listener| listener.lane.abort()).sum();
        self.settings.log_discarded(discarded);
        self.settings.abort_handlers().await;
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
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
        if listeners.is_empty() {
            return Ok(());
        }
        let message = Arc::new(message);
        // A listener that has stopped is one no more.
        for listener in listeners.iter().filter(|listener| !listener.lane.is_stopped()) {
            if !(listener.passes)(&message, options.replay) {
                continue;
            }
            listener.lane.deliver(Delivery::new(message.clone(), options.replay, None))?;
        }
        Ok(())
    }

    /// It refuses no message but when it is shut down, and then all.
    fn preserves_order_on_rejection(&self) -> bool {
        true
    }
}

impl<C: MessageBus> AdapterFor<Bus> for InMemoryMessageBusAdapter<C> {}

/// Which order it keeps is the channel's choice.
impl<C: MessageBus, O: MessageOrder> SupportsOrder<O> for InMemoryMessageBusAdapter<C> {}

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
