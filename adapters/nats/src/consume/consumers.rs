use std::future::Future;
use std::marker::PhantomData;

use castore_core::channel::{MessageBus, MessageChannel, MessageQueue};
use castore_core::consumer::{ChannelFilter, HandlerError, Listeners, MessageContext, MessageHandler, ReceivedMessage};
use serde::de::DeserializeOwned;

use super::builders::{NatsListenerBuilder, NatsWorkerBuilder};
use crate::{NatsBus, NatsQueue};

/// A worker of a queue. See [`NatsMessageQueueAdapter`](crate::NatsMessageQueueAdapter) for an example.
///
/// Set the options with the [builder](Self::builder). [`start`](NatsWorkerBuilder::start) returns a handle of the
/// running worker. Any number of workers can run in any number of processes: the server distributes the messages
/// among them. A handled message is acknowledged. A message whose handler failed is delivered again after the delay
/// of the [`RetryPolicy`](castore_core::consumer::RetryPolicy), to this worker or to another one. While a handler
/// runs, a heartbeat is sent to the server three times in each [`ack_wait`](NatsWorkerBuilder::ack_wait), so a
/// handler may take any time. It must not block its thread or the runtime.
///
/// # Order
/// On a [partitioned](crate::NatsPartitionedMessageQueueAdapter) queue, one message of each partition is handled at a
/// time, by one of the workers, and [`concurrency`](NatsWorkerBuilder::concurrency) has no effect.
///
/// # Dead letters
/// A message whose last attempt failed or whose failure is permanent is published to `<prefix>.dead.worker`, in the
/// stream of dead letters, and then acknowledged. Its headers contain its subject (`Castore-Subject`), the number of
/// attempts (`Castore-Attempts`) and the class of the last error (`Castore-Error-Class`): `retry`, `park`, `malformed`
/// for a message that does not belong to the channel, or `lost` for a message that was delivered [too
/// often](NatsWorkerBuilder::lost_deliveries). The server never drops a message by itself.
///
/// # Attempts
/// An attempt is a delivery by the server. Deliveries to workers that crashed are counted, too, so all attempts of the
/// retry policy may already be used when a message is delivered again. In this case, each delivery is one more attempt.
/// After [too many deliveries](NatsWorkerBuilder::lost_deliveries) without an acknowledgement, the message becomes a
/// dead letter, because it may be the cause of the crashes.
#[derive(Debug)]
pub struct NatsWorker<C: MessageChannel> {
    channel: PhantomData<fn() -> C>,
}

/// A listener of a bus, which handles the messages that pass a filter. See
/// [`NatsMessageBusAdapter`](crate::NatsMessageBusAdapter) for an example.
///
/// The durable name identifies the listener: listeners with the same name share the messages, and listeners with
/// different names each receive all messages. A listener with a new name receives the messages that are published from
/// then on. Otherwise a listener works like a [`NatsWorker`]. Its dead letters are published to `<prefix>.dead.<durable
/// name>`.
///
/// The server applies the filter as far as subjects can express it. The consumer checks the rest, and acknowledges
/// messages that do not pass. A filter that differs from that of the existing durable consumer is [an
/// error](crate::NatsError::ConsumerMismatch), unless [`replace_filter`](NatsListenerBuilder::replace_filter) is set.
#[derive(Debug)]
pub struct NatsListener<C: MessageChannel> {
    channel: PhantomData<fn() -> C>,
}

impl<C: MessageQueue<Message: DeserializeOwned>> NatsWorker<C> {
    /// Returns a builder of a worker that calls `handler` with each message.
    pub fn builder<F, Fut>(adapter: &impl NatsQueue<C>, handler: F) -> NatsWorkerBuilder<C>
    where
        F: Fn(ReceivedMessage<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        NatsWorkerBuilder::new(adapter.connection(), MessageHandler::new(handler))
    }

    /// Returns a builder of a worker that calls each listener whose filter passes a message.
    pub fn builder_with_listeners(adapter: &impl NatsQueue<C>, listeners: Listeners<C>) -> NatsWorkerBuilder<C> {
        NatsWorkerBuilder::new(adapter.connection(), listeners.into())
    }
}

impl<C: MessageBus<Message: DeserializeOwned>> NatsListener<C> {
    /// Returns a builder of a listener that calls `handler` with each message that passes `filter`. The durable name
    /// consists of letters, digits, `_` and `-`.
    pub fn builder<F, M, H, Fut>(
        adapter: &impl NatsBus<C>,
        durable_name: &str,
        filter: F,
        handler: H,
    ) -> NatsListenerBuilder<C>
    where
        // `M` is separate from `F`, as in `Listeners::on`.
        F: ChannelFilter<C, Message = M>,
        M: Send + Sync + 'static,
        H: Fn(ReceivedMessage<M>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        Self::builder_with_listeners(adapter, durable_name, Listeners::new().on(filter, handler))
    }

    /// Returns a builder of a listener that calls each handler whose filter passes a message.
    pub fn builder_with_listeners(
        adapter: &impl NatsBus<C>,
        durable_name: &str,
        listeners: Listeners<C>,
    ) -> NatsListenerBuilder<C> {
        NatsListenerBuilder::new(adapter.connection(), durable_name, listeners)
    }
}
