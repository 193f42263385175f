use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use async_nats::Client;
use async_trait::async_trait;
use castore_core::channel::{
    AdapterFor, Bus, KeepsOrder, MessageBus, MessageChannel, MessageChannelAdapter, MessageQueue, PerAggregate,
    PublishError, PublishMessageOptions, Queue, Unordered,
};
use castore_core::future::BoxFuture;
use castore_core::message::StoredMessage;
use serde::Serialize;

use super::builder::NatsAdapterBuilder;
use super::publisher::Publisher;
use crate::NatsError;
use crate::connection::{Connection, HasConnection};
use crate::stream::StreamTopology;

pub(super) mod sealed {
    use super::{Publisher, StreamTopology};

    /// An adapter that the builder can create.
    #[allow(private_interfaces, reason = "sealed: the trait cannot be named outside of the crate")]
    pub trait Adapter {
        const TOPOLOGY: StreamTopology;
        const PARTITIONED: bool;

        fn from_publisher(publisher: Publisher) -> Self;
    }

    pub trait Partitioned {}
}

/// An adapter of queue `C`, for [`NatsWorker`](crate::NatsWorker).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a NATS adapter of a message queue",
    label = "not a NATS adapter of a message queue",
    note = "workers take a `NatsMessageQueueAdapter` or a `NatsPartitionedMessageQueueAdapter`; for buses there is `NatsListener`"
)]
pub trait NatsQueue<C: MessageChannel>: HasConnection {}

/// An adapter of bus `C`, for [`NatsListener`](crate::NatsListener).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a NATS adapter of a message bus",
    label = "not a NATS adapter of a message bus",
    note = "listeners take a `NatsMessageBusAdapter` or a `NatsPartitionedMessageBusAdapter`; for queues there is `NatsWorker`"
)]
pub trait NatsBus<C: MessageChannel>: HasConnection {}

/// A message queue on a NATS JetStream work-queue stream.
///
/// ```no_run
/// # use castore_core::channel::MessageQueue;
/// # use castore_nats::{NatsMessageQueueAdapter, NatsWorker};
/// # async fn example<C: MessageQueue>(order_queue: &C) -> Result<(), Box<dyn std::error::Error>>
/// # where C::Message: serde::Serialize + serde::de::DeserializeOwned, castore_core::channel::Unordered: castore_core::channel::KeepsOrder<C::Order, NatsMessageQueueAdapter<C>> {
/// let client = async_nats::connect("nats://localhost:4222").await?;
/// let adapter = NatsMessageQueueAdapter::attach_to(order_queue, client, "shop.orders").await?;
/// let worker = NatsWorker::builder(&adapter, |message, context| async move {
///     println!("attempt {}: {message:?}", context.attempt);
///     Ok(())
/// });
/// let worker = worker.start().await?;
/// // When the process shuts down:
/// worker.shutdown().await?;
/// # Ok(())
/// # }
/// ```
///
/// Publishing returns when the server has stored the message. Several messages are sent concurrently, but the messages
/// of one aggregate are sent one after the other. While the server is unavailable, the client reconnects automatically,
/// and publishing fails after the [timeout](NatsAdapterBuilder::publish_timeout). If a message about the same event is
/// published again within the [duplicate window](NatsAdapterBuilder::duplicate_window), the server drops the second
/// message. Exceptions are replays, and messages about events that were pushed with `force`.
pub struct NatsMessageQueueAdapter<C: MessageChannel> {
    publisher: Arc<Publisher>,
    marker: PhantomData<fn() -> C>,
}

/// A message queue on a NATS JetStream work-queue stream. The messages of each aggregate are handled in order.
///
/// Works like [`NatsMessageQueueAdapter`], with a fixed number of [partitions](NatsAdapterBuilder::partitions). Each
/// partition contains the messages of some of the aggregates. The server delivers one message of a partition at a time,
/// and the next message after this message was acknowledged or became a dead letter. Thus the order of each aggregate
/// is kept despite failures and crashes. The disadvantage is that while a message is retried, all messages of its
/// partition wait, including those of other aggregates. With more partitions, fewer aggregates wait.
pub struct NatsPartitionedMessageQueueAdapter<C: MessageChannel> {
    publisher: Arc<Publisher>,
    marker: PhantomData<fn() -> C>,
}

/// A message bus on a NATS JetStream stream, which keeps messages until all listeners have acknowledged them.
///
/// ```no_run
/// # use castore_core::consumer::Filter;
/// # use castore_core::channel::MessageBus;
/// # use castore_nats::{NatsMessageBusAdapter, NatsListener};
/// # async fn example<C: MessageBus>(shop_bus: &C) -> Result<(), Box<dyn std::error::Error>>
/// # where C::Message: serde::Serialize + serde::de::DeserializeOwned, castore_core::channel::Unordered: castore_core::channel::KeepsOrder<C::Order, NatsMessageBusAdapter<C>> {
/// let client = async_nats::connect("nats://localhost:4222").await?;
/// let adapter = NatsMessageBusAdapter::attach_to(shop_bus, client, "shop.events").await?;
/// let mails = NatsListener::builder(&adapter, "mails", Filter::all(), |message, _| async move {
///     println!("{message:?}");
///     Ok(())
/// });
/// let mails = mails.start().await?;
/// // When the process shuts down:
/// mails.shutdown().await?;
/// # Ok(())
/// # }
/// ```
///
/// Publishing works as it does with [`NatsMessageQueueAdapter`]. If no listener has a filter that passes a message,
/// publishing the message succeeds, but the server does not store it.
pub struct NatsMessageBusAdapter<C: MessageChannel> {
    publisher: Arc<Publisher>,
    marker: PhantomData<fn() -> C>,
}

/// A message bus on a NATS JetStream stream. Its listeners handle the messages of each aggregate in order.
///
/// Works like [`NatsMessageBusAdapter`], with partitions like [`NatsPartitionedMessageQueueAdapter`]: each listener has
/// a durable consumer for each partition.
pub struct NatsPartitionedMessageBusAdapter<C: MessageChannel> {
    publisher: Arc<Publisher>,
    marker: PhantomData<fn() -> C>,
}

macro_rules! adapter {
    ($adapter:ident, $channel:ident, $consumable:ident, $topology:ident, partitioned: $partitioned:literal, order: $order:ident) => {
        impl<C: $channel<Message: Serialize>> $adapter<C> {
            /// Connects with the default options and attaches the adapter to `channel`. All subjects start with
            /// `prefix`, which consists of up to 100 letters, digits, `_` and `-`, and may have dots between these
            /// characters.
            ///
            /// # Errors
            /// When awaited, the errors of [`NatsAdapterBuilder::connect`].
            pub fn attach_to(
                channel: &C,
                client: Client,
                prefix: impl Into<String>,
            ) -> BoxFuture<'static, Result<Self, NatsError>>
            where
                $order: KeepsOrder<C::Order, Self>,
            {
                let (channel, builder) = (channel.clone(), Self::builder(client, prefix));
                Box::pin(async move { builder.attach_to(&channel).await })
            }

            /// Connects with the default options, without attaching the adapter. Use this function in programs that
            /// only consume messages.
            ///
            /// # Errors
            /// The errors of [`NatsAdapterBuilder::connect`].
            pub async fn connect(client: Client, prefix: impl Into<String>) -> Result<Self, NatsError> {
                Self::builder(client, prefix).connect().await
            }

            /// Returns a builder for an adapter with options.
            pub fn builder(client: Client, prefix: impl Into<String>) -> NatsAdapterBuilder<Self> {
                NatsAdapterBuilder::new(client, prefix.into())
            }
        }

        /// This `impl` does not repeat the trait bound of the constructors. Thus a wrong channel causes a single
        /// compile error instead of one for each later use.
        impl<C: MessageChannel> $adapter<C> {
            /// Waits for the messages in flight. All later publishing calls of this adapter and its clones fail with
            /// [`PublishError::ShutDown`]. Workers and listeners continue: they have their own handles.
            pub async fn shutdown(&self) {
                self.publisher.shutdown().await;
            }
        }

        #[async_trait]
        impl<C: $channel<Message: Serialize>> MessageChannelAdapter<C::Message> for $adapter<C> {
            async fn publish_message(
                &self,
                message: C::Message,
                options: PublishMessageOptions,
            ) -> Result<(), PublishError> {
                self.publisher.publish_message(message, options).await
            }

            async fn publish_messages(
                &self,
                messages: Vec<C::Message>,
                options: PublishMessageOptions,
            ) -> Result<(), PublishError> {
                self.publisher.publish_messages(messages, options).await
            }

            async fn publish_stored_messages(
                &self,
                messages: Vec<StoredMessage<C::Message>>,
                options: PublishMessageOptions,
            ) -> Result<(), PublishError> {
                self.publisher.publish_stored_messages(messages, options).await
            }

            fn preserves_order_on_rejection(&self) -> bool {
                true
            }
        }

        impl<C: MessageChannel> AdapterFor<$topology> for $adapter<C> {
            type Order = $order;
        }

        impl<C: MessageChannel> $consumable<C> for $adapter<C> {}

        impl<C: MessageChannel> HasConnection for $adapter<C> {
            fn connection(&self) -> Arc<Connection> {
                self.publisher.connection.clone()
            }
        }

        #[allow(private_interfaces, reason = "sealed: the trait cannot be named outside of the crate")]
        impl<C: MessageChannel> sealed::Adapter for $adapter<C> {
            const TOPOLOGY: StreamTopology = StreamTopology::$topology;
            const PARTITIONED: bool = $partitioned;

            fn from_publisher(publisher: Publisher) -> Self {
                Self { publisher: Arc::new(publisher), marker: PhantomData }
            }
        }

        impl<C: MessageChannel> Clone for $adapter<C> {
            fn clone(&self) -> Self {
                Self { publisher: self.publisher.clone(), marker: PhantomData }
            }
        }

        impl<C: MessageChannel> fmt::Debug for $adapter<C> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter
                    .debug_struct(stringify!($adapter))
                    .field("channel", &C::ID)
                    .field("stream", &self.publisher.connection.stream)
                    .field("layout", &self.publisher.connection.layout)
                    .finish_non_exhaustive()
            }
        }
    };
}

adapter!(NatsMessageQueueAdapter, MessageQueue, NatsQueue, Queue, partitioned: false, order: Unordered);
adapter!(
    NatsPartitionedMessageQueueAdapter, MessageQueue, NatsQueue, Queue, partitioned: true, order: PerAggregate
);
adapter!(NatsMessageBusAdapter, MessageBus, NatsBus, Bus, partitioned: false, order: Unordered);
adapter!(
    NatsPartitionedMessageBusAdapter, MessageBus, NatsBus, Bus, partitioned: true, order: PerAggregate
);

impl<C: MessageChannel> sealed::Partitioned for NatsPartitionedMessageQueueAdapter<C> {}
impl<C: MessageChannel> sealed::Partitioned for NatsPartitionedMessageBusAdapter<C> {}
