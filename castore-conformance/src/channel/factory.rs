use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore_core::channel::MessageOrder;
use castore_core::consumer::{
    ChannelFilter, ConsumerStatus, DeadLetter, DeadLetterContent, DeadLetters, HandlerError, Listeners, MessageContext,
    ReceivedMessage, RetryPolicy,
};
use castore_core::future::BoxFuture;

use super::ChannelCapabilities;
use super::channels::{KitBus, KitQueue};

/// A message handler of the kit, for a worker or a listener. Register the handler with the adapter as `move |message,
/// context| handler(message, context)`.
pub type Handler<M> =
    Arc<dyn Fn(ReceivedMessage<M>, MessageContext) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;

/// A callback to which an adapter reports dead letters.
pub type DeadLetterHook<M> = Arc<dyn Fn(Dead<M>) + Send + Sync>;

/// The parts of a dead letter that the kit checks.
#[derive(Debug)]
pub struct Dead<M> {
    /// The content of the dead letter.
    pub content: DeadLetterContent<M>,
    /// The number of attempts to handle the message.
    pub attempts: u32,
    /// A flag that is `true` if the message was a replay.
    pub replay: bool,
}

impl<M> From<DeadLetter<M>> for Dead<M> {
    fn from(letter: DeadLetter<M>) -> Self {
        Self { content: letter.content, attempts: letter.attempts, replay: letter.replay }
    }
}

/// A factory of message queues. The author of a queue adapter implements this trait for each order `O` that channels
/// with this adapter can guarantee.
#[async_trait]
pub trait QueueFactory<O: MessageOrder>: Send + Sync {
    /// The consuming side of a queue.
    type Consumer<C: KitQueue<Order = O>>: QueueConsumer<C>;

    /// Attaches a new, empty queue to `channel`. The queue retries failed messages according to `retry_policy`.
    async fn attach<C: KitQueue<Order = O>>(&self, channel: &C, retry_policy: RetryPolicy) -> Self::Consumer<C>;

    /// Returns the capabilities of the queue. Defaults to [`ChannelCapabilities::full`].
    fn capabilities(&self) -> ChannelCapabilities {
        ChannelCapabilities::full()
    }
}

/// The consuming side of a queue, implemented by the author of a queue adapter.
#[async_trait]
pub trait QueueConsumer<C: KitQueue>: Send + Sync + 'static {
    /// Starts `worker`. Messages that are published after this method has returned must reach the worker. The kit calls
    /// this method once, and again after [`kill`](Self::kill).
    async fn work(&self, worker: Handler<C::Message>);

    /// Starts a worker that calls the listeners whose filter passes a message. The kit calls this method instead of
    /// [`work`](Self::work).
    async fn listen(&self, listeners: Listeners<C>);

    /// Returns the statistics of the running worker.
    fn status(&self) -> ConsumerStatus;

    /// Sets the hook to which the queue reports dead letters. The kit calls this method before [`work`](Self::work) or
    /// [`listen`](Self::listen).
    async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>);

    /// Returns the stored dead letters of the worker, or `None` if the adapter does not store dead letters.
    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>>;

    /// Shuts down the adapter, including its publishing side.
    async fn shutdown(&self);

    /// Shuts down like [`shutdown`](Self::shutdown), but aborts handlers that are still running after the time limit.
    async fn shutdown_within(&self, limit: Duration);

    /// Stops the worker as if its process was killed: after this call, the worker handles no message, acknowledges
    /// none, and returns none to the broker. The kit calls this method only for [durable](ChannelCapabilities::durable)
    /// queues, and then calls [`work`](Self::work) again for the same queue.
    ///
    /// # Panics
    ///
    /// The default implementation panics, because durable queues must implement this method.
    async fn kill(&self) {
        panic!("durable queues must implement `kill`");
    }
}

/// A factory of message buses. The author of a bus adapter implements this trait like [`QueueFactory`].
#[async_trait]
pub trait BusFactory<O: MessageOrder>: Send + Sync {
    /// The consuming side of a bus.
    type Consumer<C: KitBus<Order = O>>: BusConsumer<C>;

    /// Attaches a new bus without listeners to `channel`. The bus retries failed messages according to `retry_policy`.
    async fn attach<C: KitBus<Order = O>>(&self, channel: &C, retry_policy: RetryPolicy) -> Self::Consumer<C>;

    /// Returns the capabilities of the bus. Defaults to [`ChannelCapabilities::full`].
    fn capabilities(&self) -> ChannelCapabilities {
        ChannelCapabilities::full()
    }
}

/// The consuming side of a bus, implemented by the author of a bus adapter.
#[async_trait]
pub trait BusConsumer<C: KitBus>: Send + Sync + 'static {
    /// Adds a listener. Messages that pass the filter and are published after this method has returned must reach the
    /// listener.
    async fn listen<F: ChannelFilter<C>>(&self, filter: F, listener: Handler<F::Message>);

    /// Sets the hook to which the bus reports dead letters. The kit calls this method before [`listen`](Self::listen).
    async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>);

    /// Returns the stored dead letters of a listener, or `None` if the adapter does not store dead letters. Listeners
    /// are counted from 0, in the order of [`listen`](Self::listen).
    fn dead_letters(&self, listener: usize) -> Option<Arc<dyn DeadLetters>>;

    /// Shuts down the adapter, including its publishing side.
    async fn shutdown(&self);

    /// Shuts down like [`shutdown`](Self::shutdown), but aborts handlers that are still running after the time limit.
    async fn shutdown_within(&self, limit: Duration);

    /// Stops all listeners as if their process was killed: after this call, they handle no message, acknowledge none,
    /// and return none to the broker. The kit calls this method only for [durable](ChannelCapabilities::durable) buses,
    /// and then calls [`listen`](Self::listen) again in the same order: the first call resumes the first listener, and
    /// so on.
    ///
    /// # Panics
    ///
    /// The default implementation panics, because durable buses must implement this method.
    async fn kill(&self) {
        panic!("durable buses must implement `kill`");
    }
}
