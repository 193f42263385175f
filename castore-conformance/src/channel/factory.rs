use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore_core::channel::MessageOrder;
use castore_core::consumer::{ChannelFilter, DeadLetter, HandlerError, MessageContext, ReceivedMessage, RetryPolicy};
use castore_core::future::BoxFuture;

use super::ChannelCapabilities;
use super::channels::{KitBus, KitQueue};

/// A worker or a listener of the kit: `move |message, context| handler(message, context)`.
pub type Handler<M> =
    Arc<dyn Fn(ReceivedMessage<M>, MessageContext) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;

/// Where an adapter reports the messages that no attempt could handle.
pub type DeadLetterHook<M> = Arc<dyn Fn(Dead<M>) + Send + Sync>;

/// A dead letter, as far as the kit looks at it.
#[derive(Debug)]
pub struct Dead<M> {
    /// The message.
    pub message: ReceivedMessage<M>,
    /// How many attempts there were.
    pub attempts: u32,
    /// Whether it was a replay.
    pub replay: bool,
}

impl<M> From<DeadLetter<M>> for Dead<M> {
    fn from(letter: DeadLetter<M>) -> Self {
        Self { message: letter.message, attempts: letter.attempts, replay: letter.replay }
    }
}

/// Makes the message queues that the kit tests: what the author of a queue adapter writes to use the kit. `O` is the
/// order that the channels promise: implement it for those that the adapter keeps.
#[async_trait]
pub trait QueueFactory<O: MessageOrder>: Send + Sync {
    /// The consuming side of a queue.
    type Consumer<C: KitQueue<Order = O>>: QueueConsumer<C>;

    /// Attaches a new and empty queue to `channel`. Its worker will be tried again as `retry_policy` says.
    async fn attach<C: KitQueue<Order = O>>(&self, channel: &C, retry_policy: RetryPolicy) -> Self::Consumer<C>;

    /// What the queue can do: everything, unless said otherwise here.
    fn capabilities(&self) -> ChannelCapabilities {
        ChannelCapabilities::full()
    }
}

/// The consuming side of a queue.
#[async_trait]
pub trait QueueConsumer<C: KitQueue>: Send + Sync + 'static {
    /// Starts `worker`. Called once; what is published after this returns must reach it.
    async fn work(&self, worker: Handler<C::Message>);

    /// Reports dead letters to `hook`. Called before [`work`](Self::work).
    async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>);

    /// Shuts the adapter down, the publishing side too.
    async fn shutdown(&self);

    /// As [`shutdown`](Self::shutdown), but aborts the handlers that still run when the time limit has passed.
    async fn shutdown_within(&self, limit: Duration);

    /// Ends the worker as a killed process would: nothing more is handled, acknowledged or handed back. Asked of
    /// [durable](ChannelCapabilities::durable) queues alone. [`work`](Self::work) is called again after it, for the same
    /// queue.
    async fn kill(&self) {
        panic!("`kill` is to be implemented for durable queues");
    }
}

/// Makes the message buses that the kit tests: see [`QueueFactory`].
#[async_trait]
pub trait BusFactory<O: MessageOrder>: Send + Sync {
    /// The consuming side of a bus.
    type Consumer<C: KitBus<Order = O>>: BusConsumer<C>;

    /// Attaches a new bus without listeners to `channel`. They will be tried again as `retry_policy` says.
    async fn attach<C: KitBus<Order = O>>(&self, channel: &C, retry_policy: RetryPolicy) -> Self::Consumer<C>;

    /// What the bus can do: everything, unless said otherwise here.
    fn capabilities(&self) -> ChannelCapabilities {
        ChannelCapabilities::full()
    }
}

/// The consuming side of a bus.
#[async_trait]
pub trait BusConsumer<C: KitBus>: Send + Sync + 'static {
    /// Adds a listener. What is published after this returns must reach it, if it passes the filter.
    async fn listen<F: ChannelFilter<C>>(&self, filter: F, listener: Handler<F::Message>);

    /// Reports dead letters to `hook`. Called before [`listen`](Self::listen).
    async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>);

    /// Shuts the adapter down, the publishing side too.
    async fn shutdown(&self);

    /// As [`shutdown`](Self::shutdown), but aborts the handlers that still run when the time limit has passed.
    async fn shutdown_within(&self, limit: Duration);

    /// Ends all listeners as a killed process would: nothing more is handled, acknowledged or handed back. Asked of
    /// [durable](ChannelCapabilities::durable) buses alone. [`listen`](Self::listen) is called again after it, in the same
    /// order: the first call goes on where the first listener was, and so on.
    async fn kill(&self) {
        panic!("`kill` is to be implemented for durable buses");
    }
}
