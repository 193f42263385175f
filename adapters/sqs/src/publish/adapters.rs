use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use castore_core::channel::{
    AdapterFor, KeepsOrder, MessageChannel, MessageChannelAdapter, MessageQueue, PerAggregate, PublishError,
    PublishMessageOptions, Queue, Unordered,
};
use castore_core::message::StoredMessage;
use serde::Serialize;

use super::builder::{SqsAdapterBuilder, sealed};
use super::publisher::Publisher;
use crate::QueueUrl;

/// A publisher for standard queues of SQS, which deliver at least once and in any order.
///
/// ```no_run
/// # use castore_core::channel::MessageQueue;
/// # use castore_sqs::{QueueUrl, SqsMessageQueueAdapter};
/// # fn example<C: MessageQueue>(app_queue: &C, client: aws_sdk_sqs::Client) where C::Message: serde::Serialize, castore_core::channel::Unordered: castore_core::channel::KeepsOrder<C::Order, SqsMessageQueueAdapter<C>> {
/// SqsMessageQueueAdapter::attach_to(app_queue, client, QueueUrl::named("app-queue"));
/// # }
/// ```
///
/// Bodies and attributes are the same as those of the original TypeScript adapter, so publishers of one package and
/// consumers of the other work together. The result of each entry of a batch is checked. Entries that SQS could not
/// store for a temporary reason are sent again, and [`PublishError::Rejected`] lists the messages that were not
/// published. A message that is too large is rejected before it is sent, unless there is a [claim
/// check](SqsAdapterBuilder::claim_check).
///
/// Clones publish to the same queue.
pub struct SqsMessageQueueAdapter<C: MessageChannel> {
    publisher: Arc<Publisher>,
    marker: PhantomData<fn() -> C>,
}

/// A publisher for FIFO queues of SQS, which keep the order of each aggregate and drop duplicates.
///
/// ```no_run
/// # use castore_core::channel::MessageQueue;
/// # use castore_sqs::{QueueUrl, SqsFifoMessageQueueAdapter};
/// # fn example<C: MessageQueue>(app_queue: &C, client: aws_sdk_sqs::Client) where C::Message: serde::Serialize {
/// SqsFifoMessageQueueAdapter::attach_to(app_queue, client, QueueUrl::named("app-queue.fifo"));
/// # }
/// ```
///
/// Works like [`SqsMessageQueueAdapter`], but each aggregate is a message group. A publishing call has at most one
/// message of each aggregate in flight. If a message is not published, the call does not publish the later messages of
/// the aggregate either.
///
/// SQS drops a message whose deduplication id it has already received within the last five minutes. The id is
/// `<event store>#<aggregate>#<version>`, as in the original TypeScript adapter, so a message can be sent again after a
/// failure without being delivered twice. Replays and the events of forced pushes get different ids in each publishing
/// call. Messages without a version are duplicates if their aggregate and their content are equal. Ids that SQS does
/// not accept are hashed.
pub struct SqsFifoMessageQueueAdapter<C: MessageChannel> {
    publisher: Arc<Publisher>,
    marker: PhantomData<fn() -> C>,
}

macro_rules! adapter {
    ($adapter:ident, fifo: $fifo:literal, order: $order:ident) => {
        impl<C: MessageQueue<Message: Serialize>> $adapter<C> {
            /// Builds an adapter with default options, and attaches it to `channel`. The URL can be given as text.
            pub fn attach_to(channel: &C, client: Client, queue_url: impl Into<QueueUrl>) -> Self
            where
                $order: KeepsOrder<C::Order, Self>,
            {
                let adapter = Self::new(client, queue_url);
                channel.set_adapter(adapter.clone());
                adapter
            }

            /// Builds an adapter with default options, without attaching it.
            pub fn new(client: Client, queue_url: impl Into<QueueUrl>) -> Self {
                Self::builder(client, queue_url).build_unchecked()
            }

            /// Returns a builder for an adapter with options.
            pub fn builder(client: Client, queue_url: impl Into<QueueUrl>) -> SqsAdapterBuilder<Self> {
                SqsAdapterBuilder::new(&client, queue_url.into(), $fifo)
            }
        }

        impl<C: MessageChannel> sealed::OfPublisher for $adapter<C> {
            #[allow(private_interfaces, reason = "the trait cannot be named outside of the crate")]
            fn of_publisher(publisher: Publisher) -> Self {
                Self { publisher: Arc::new(publisher), marker: PhantomData }
            }
        }

        #[async_trait]
        impl<C: MessageQueue<Message: Serialize>> MessageChannelAdapter<C::Message> for $adapter<C> {
            async fn publish_message(
                &self,
                message: C::Message,
                options: PublishMessageOptions,
            ) -> Result<(), PublishError> {
                self.publisher.publish_message(&message, options).await
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
                $fifo
            }
        }

        impl<C: MessageQueue> AdapterFor<Queue> for $adapter<C> {
            type Order = $order;
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
                    .field("publisher", &self.publisher)
                    .finish()
            }
        }
    };
}

adapter!(SqsMessageQueueAdapter, fifo: false, order: Unordered);
adapter!(SqsFifoMessageQueueAdapter, fifo: true, order: PerAggregate);
