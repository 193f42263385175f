use std::future::Future;
use std::marker::PhantomData;

use castore_core::channel::{MessageBus, MessageChannel, MessageQueue};
use castore_core::consumer::{ChannelFilter, HandlerError, Listeners, MessageContext, MessageHandler, ReceivedMessage};
use serde::de::DeserializeOwned;

use super::builders::{NatsListenerBuilder, NatsWorkerBuilder};
use crate::{NatsBus, NatsQueue};

/// A worker that handles the messages of a queue. See [`NatsMessageQueueAdapter`](crate::NatsMessageQueueAdapter) for
/// an example.
///
/// Set the options with the [builder](Self::builder). [`start`](NatsWorkerBuilder::start) returns a handle to the
/// running worker. Any number of workers can run in any number of processes: the server distributes the messages among
/// them. A handled message is acknowledged. A message whose handler failed is delivered again after the delay of the
/// [`RetryPolicy`](castore_core::consumer::RetryPolicy), to this worker or to another one, unless it becomes a dead
/// letter. While a handler runs, the worker sends a heartbeat to the server three times in each
/// [`ack_wait`](NatsWorkerBuilder::ack_wait), so a handler may take any amount of time. However, a handler must not
/// block its thread or the runtime.
///
/// # Order
/// On a [partitioned](crate::NatsPartitionedMessageQueueAdapter) queue, one message of each partition is handled at a
/// time, by one of the workers, and [`concurrency`](NatsWorkerBuilder::concurrency) has no effect.
///
/// # Dead letters
/// A message becomes a dead letter if its last attempt failed, if its failure is permanent, if its payload is not a
/// message of Castore, or if too many of its deliveries were lost. A message of Castore that this program cannot decode
/// is treated according to the [`undecodable_action`](NatsWorkerBuilder::undecodable_action). The worker publishes the
/// message to `<prefix>.dead.worker`, in the stream of dead letters, and then acknowledges the original. The dead
/// letter has these headers:
///
/// * `Castore-Subject` contains the original subject.
/// * `Castore-Attempts` contains the number of attempts. If too many deliveries were lost, it contains the number of
///   earlier deliveries.
/// * `Castore-Replay` is `true` if the message is a replay. Other dead letters do not have this header.
/// * `Castore-Error-Class` contains the class of the last error. It is `retry` if no attempt is left, `park` if the
///   failure is permanent, `malformed` if this program cannot decode the message, or `lost` if the message was
///   delivered [too often](NatsWorkerBuilder::lost_deliveries).
///
/// The server does not limit the number of deliveries. Thus it never drops a message because its handler failed too
/// often.
///
/// # Attempts
/// Each delivery by the server counts as an attempt, including a delivery to a worker that crashed. Therefore all
/// attempts of the retry policy may already be used when a message is delivered again. In this case, each further
/// delivery counts as the last attempt again. After [too many deliveries](NatsWorkerBuilder::lost_deliveries) without
/// an acknowledgement, the message becomes a dead letter, because the message may be the cause of the crashes.
#[derive(Debug)]
pub struct NatsWorker<C: MessageChannel> {
    channel: PhantomData<fn() -> C>,
}

/// A listener that handles the messages of a bus that pass a filter. See
/// [`NatsMessageBusAdapter`](crate::NatsMessageBusAdapter) for an example.
///
/// The durable name identifies the listener: listeners with the same name share the messages, and listeners with
/// different names each receive all messages that pass their filters. A listener with a new name receives the messages
/// that are published after its start. Otherwise a listener works like a [`NatsWorker`], including attempts, heartbeats
/// and dead letters. The dead letters of a listener are published to `<prefix>.dead.<durable name>`.
///
/// The server applies the filter as far as subjects can express it. The listener applies the rest of the filter, and
/// acknowledges messages that do not pass, without calling a handler. If the existing durable consumer has a different
/// filter, starting the listener returns [an error](crate::NatsError::ConsumerMismatch), unless
/// [`replace_filter`](NatsListenerBuilder::replace_filter) is set.
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

    /// Returns a builder of a worker that calls each handler in `listeners` with the messages that pass the filter of the
    /// handler.
    pub fn builder_with_listeners(adapter: &impl NatsQueue<C>, listeners: Listeners<C>) -> NatsWorkerBuilder<C> {
        NatsWorkerBuilder::new(adapter.connection(), listeners.into())
    }
}

impl<C: MessageBus<Message: DeserializeOwned>> NatsListener<C> {
    /// Returns a builder of a listener that calls `handler` with each message that passes `filter`. The durable name
    /// consists of up to 100 letters, digits, `_` and `-`.
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

    /// Returns a builder of a listener that calls each handler in `listeners` with the messages that pass the filter of the
    /// handler. The durable name consists of up to 100 letters, digits, `_` and `-`.
    pub fn builder_with_listeners(
        adapter: &impl NatsBus<C>,
        durable_name: &str,
        listeners: Listeners<C>,
    ) -> NatsListenerBuilder<C> {
        NatsListenerBuilder::new(adapter.connection(), durable_name, listeners)
    }
}
