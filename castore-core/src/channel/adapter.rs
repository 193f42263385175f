use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::decoded::publish_decoded;
use super::ordered_publish::one_by_one;
use super::{MessageChannel, MessageOrder, PublishError, Topology};
use crate::message::{ChannelMessage, StoredMessage, aggregate_of};

/// A publisher of messages to a queue or a bus, implemented by the author of a message channel adapter.
///
/// `M` is the message enum of the channel. It serializes to Castore's JSON. [`ChannelMessage::as_message`] returns the
/// event store, the aggregate, the version and the event type, for routing and deduplication. An adapter also declares
/// whether it can be attached to queues or buses, with [`AdapterFor<Queue>`](super::Queue) or
/// [`AdapterFor<Bus>`](super::Bus), and which ordering it guarantees, with [`SupportsOrder`]. The compiler checks both
/// against the channel.
///
/// When a method returns `Ok`, the broker has accepted the messages. The methods are called concurrently.
#[async_trait]
pub trait MessageChannelAdapter<M: ChannelMessage>: Debug + Send + Sync + 'static {
    /// Publishes one message.
    ///
    /// # Errors
    /// [`PublishError::Rejected`] if the broker rejects the message, [`PublishError::Broker`] if the broker is
    /// unavailable, [`PublishError::ShutDown`].
    async fn publish_message(&self, message: M, options: PublishMessageOptions) -> Result<(), PublishError>;

    /// Publishes several messages. The messages of one aggregate are published in order. The default implementation
    /// sends one message after the other. After the broker has rejected a message, it holds back the later messages of
    /// the same aggregate. After a failure of the broker, it sends no further messages. An adapter with its own loop
    /// uses [`OrderedPublish`](super::OrderedPublish) for the same behavior.
    ///
    /// # Errors
    /// The errors of [`publish_message`](Self::publish_message). [`PublishError::Rejected`] names each message that
    /// was not published; all others were published.
    async fn publish_messages(&self, messages: Vec<M>, options: PublishMessageOptions) -> Result<(), PublishError> {
        one_by_one(
            messages,
            |message| aggregate_of(message.as_message()),
            |message| self.publish_message(message, options.clone()),
        )
        .await
    }

    /// Publishes messages about stored events, like [`publish_messages`](Self::publish_messages). Relays and replays
    /// call this method.
    ///
    /// The default implementation decodes notifications. Therefore it permanently rejects events whose type is unknown
    /// to this program, and it omits undeclared fields. Adapters of brokers that carry JSON should serialize the
    /// [`StoredMessage`] instead.
    ///
    /// # Errors
    /// The errors of [`publish_messages`](Self::publish_messages).
    async fn publish_stored_messages(
        &self,
        messages: Vec<StoredMessage<M>>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        publish_decoded(self, messages, options).await
    }

    /// Returns whether [`publish_messages`](Self::publish_messages) and
    /// [`publish_stored_messages`](Self::publish_stored_messages) never publish a message after an earlier
    /// message of its aggregate was rejected in the same call. Otherwise, relays publish one message per aggregate at
    /// a time. Defaults to `false`.
    fn preserves_order_on_rejection(&self) -> bool {
        false
    }
}

/// Options for publishing messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishMessageOptions {
    /// Whether the message is a replay of an earlier message. Handlers can read this in their context.
    pub replay: bool,
    /// Whether the event has replaced a stored event of the same version, because it was pushed with `force`. A broker
    /// that drops duplicates must not drop such a message, although an earlier message has the same store, aggregate
    /// and version.
    pub forced: bool,
}

impl PublishMessageOptions {
    /// Returns the default options. Unlike `default`, this function can be called in constants.
    pub const fn new() -> Self {
        Self { replay: false, forced: false }
    }

    /// Sets whether the message is a replay.
    #[must_use]
    pub const fn replay(mut self, replay: bool) -> Self {
        self.replay = replay;
        self
    }

    /// Sets whether the event has replaced a stored event.
    #[must_use]
    pub const fn forced(mut self, forced: bool) -> Self {
        self.forced = forced;
        self
    }
}

/// An adapter that can be attached to message queues (`T` = [`Queue`](super::Queue)) or buses ([`Bus`](super::Bus)).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be attached to a message channel that is a `{T}`",
    label = "not an adapter for a `{T}`",
    note = "attach an adapter for a `{T}`, or declare the channel as a kind that this adapter supports"
)]
pub trait AdapterFor<T: Topology> {}

/// An adapter that keeps an order that a channel guarantees: [`PerAggregate`](super::PerAggregate), or none
/// ([`Unordered`](super::Unordered)).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep the order `{O}` that the message channel promises",
    label = "does not keep the order `{O}`",
    note = "attach an adapter that keeps the order, or remove `order = \"per_aggregate\"` from the channel's declaration"
)]
pub trait SupportsOrder<O: MessageOrder> {}

/// An adapter that can be attached to channel `C`: it carries the messages of the channel, is made for queues or
/// buses like the channel, and keeps the order that the channel guarantees.
///
/// Implemented automatically, from [`MessageChannelAdapter`], [`AdapterFor`] and [`SupportsOrder`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the adapter of message channel `{C}`",
    label = "not an adapter of `{C}`",
    note = "an adapter of `{C}` must accept the messages of `{C}`, support its topology (queue or bus), and keep the order that `{C}` promises"
)]
pub trait ChannelAdapter<C: MessageChannel> {
    #[doc(hidden)]
    fn erase(self) -> Arc<dyn MessageChannelAdapter<C::Message>>;
}

impl<C, A> ChannelAdapter<C> for A
where
    C: MessageChannel,
    A: Publishes<C::Message, Adapter: AdapterFor<C::Topology> + SupportsOrder<C::Order>>,
{
    fn erase(self) -> Arc<dyn MessageChannelAdapter<C::Message>> {
        Publishes::erase(self)
    }
}

/// An adapter for messages `M`. Further bounds are on the associated type [`Adapter`](Self::Adapter), which is always
/// `Self`. A type that does not implement this trait has no such associated type, so the compiler checks no further
/// bounds and reports a single error.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an adapter for messages of type `{M}`",
    label = "not an adapter for `{M}`"
)]
pub trait Publishes<M: ChannelMessage> {
    type Adapter;
    fn erase(self) -> Arc<dyn MessageChannelAdapter<M>>;
}

#[diagnostic::do_not_recommend]
impl<M: ChannelMessage, A: MessageChannelAdapter<M>> Publishes<M> for A {
    type Adapter = A;

    fn erase(self) -> Arc<dyn MessageChannelAdapter<M>> {
        Arc::new(self)
    }
}
