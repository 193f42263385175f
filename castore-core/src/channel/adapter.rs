use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::decoded::publish_decoded;
use super::ordered_publish::one_by_one;
use super::{MessageChannel, MessageOrder, PerAggregate, PublishError, Topology, Unordered};
use crate::message::{ChannelMessage, StoredMessage, aggregate_of};

/// A message channel adapter, which publishes messages to a queue or a bus. Authors of adapters implement this trait.
///
/// `M` is the message enum of the channel. It serializes to the JSON format of the TypeScript package Castore.
/// [`ChannelMessage::as_message`] returns the event store, the aggregate, the version and the event type, for routing
/// and deduplication. An adapter also implements [`AdapterFor<Queue>`](super::Queue) or
/// [`AdapterFor<Bus>`](super::Bus), or both. These impls declare the topologies that the adapter supports and the
/// [order](AdapterFor::Order) that it guarantees, and the compiler checks both against the channel.
///
/// When a publishing method returns `Ok`, the broker has accepted the messages. The methods may be called concurrently.
#[async_trait]
pub trait MessageChannelAdapter<M: ChannelMessage>: Debug + Send + Sync + 'static {
    /// Publishes one message.
    ///
    /// # Errors
    /// [`PublishError::Rejected`] if the broker rejects the message, [`PublishError::Serialize`] if the message cannot
    /// be serialized, [`PublishError::Broker`] if the broker is unavailable, and [`PublishError::ShutDown`] if the
    /// adapter was shut down.
    async fn publish_message(&self, message: M, options: PublishMessageOptions) -> Result<(), PublishError>;

    /// Publishes several messages. Unless the order of the adapter is [`Unordered`], the messages of one aggregate are
    /// published in order.
    ///
    /// The default implementation sends one message after the other. If the broker rejects a message, the later
    /// messages of the same aggregate are not sent. If the broker is unavailable, no further messages are sent. An
    /// adapter with its own loop can use [`OrderedPublish`](super::OrderedPublish) for the same behavior.
    ///
    /// # Errors
    /// The errors of [`publish_message`](Self::publish_message). [`PublishError::Rejected`] lists each message that was
    /// not published or whose outcome is unknown; all other messages were published.
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
    /// The default implementation decodes the events of notifications. If the type of an event is unknown to this
    /// program, its message is therefore rejected permanently. Fields that the types of this program do not declare are
    /// omitted. Adapters of brokers should serialize the [`StoredMessage`] instead, so that each consumer decides what
    /// happens to messages that it cannot decode. The in-memory adapters also leave this decision to their consumers.
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

    /// Returns whether the adapter preserves the order of the messages of an aggregate even if one of them is rejected.
    /// If `true`, a call of [`publish_messages`](Self::publish_messages) or
    /// [`publish_stored_messages`](Self::publish_stored_messages) never publishes a message after an earlier message of
    /// the same aggregate was rejected. If `false`, a relay publishes the messages of an aggregate one at a time.
    /// Defaults to `false`.
    fn preserves_order_on_rejection(&self) -> bool {
        false
    }
}

/// Options for publishing messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishMessageOptions {
    /// A flag that is `true` if the messages are replays of earlier messages. Handlers can read this flag as
    /// [`MessageContext::replay`](crate::consumer::MessageContext::replay). Defaults to `false`.
    pub replay: bool,
    /// A flag that is `true` if the event was pushed with `force` and has replaced a stored event of the same version.
    /// A broker that drops duplicates must not drop such a message, although an earlier message has the same store,
    /// aggregate and version. Defaults to `false`.
    pub forced: bool,
}

impl PublishMessageOptions {
    /// Returns the default options. Unlike `default`, this function can be called in constants.
    pub const fn new() -> Self {
        Self { replay: false, forced: false }
    }

    /// Sets whether the messages are replays of earlier messages.
    #[must_use]
    pub const fn replay(mut self, replay: bool) -> Self {
        self.replay = replay;
        self
    }

    /// Sets whether the event has replaced a stored event of the same version.
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
pub trait AdapterFor<T: Topology> {
    /// The strongest order that the adapter guarantees: [`PerAggregate`] or [`Unordered`]. A `PerAggregate` adapter
    /// satisfies the order of every channel. An `Unordered` adapter can be attached only to channels that guarantee no
    /// order.
    type Order: MessageOrder;
}

/// An adapter order that is at least as strong as the channel order `O`. `A` is the adapter.
#[diagnostic::on_unimplemented(
    message = "`{A}` does not keep the order `{O}` that the message channel promises",
    label = "does not keep the order `{O}`",
    note = "attach an adapter that keeps the order, or remove `order = \"per_aggregate\"` from the channel's declaration"
)]
pub trait KeepsOrder<O, A> {}

impl<O: MessageOrder, A> KeepsOrder<O, A> for PerAggregate {}

// Only `Unordered` satisfies the bound `UnorderedOnly`, but the impl is generic over `O` nevertheless. If it were an
// impl of `KeepsOrder<Unordered, A>`, it would be the only candidate for a generic channel. The compiler would then
// infer that the order of the channel is `Unordered`, and would report mismatched types.
#[diagnostic::do_not_recommend]
impl<O: UnorderedOnly, A> KeepsOrder<O, A> for Unordered {}

#[doc(hidden)]
pub trait UnorderedOnly: MessageOrder {}

impl UnorderedOnly for Unordered {}

/// An adapter that can be attached to channel `C`: it accepts the messages of the channel, supports the topology of the
/// channel (queue or bus), and keeps the order that the channel guarantees.
///
/// The trait is implemented automatically for every type with suitable impls of [`MessageChannelAdapter`] and
/// [`AdapterFor`].
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
    A: AdapterFor<C::Topology, Order: KeepsOrder<C::Order, A> + Publishes<A, C::Message>>,
{
    fn erase(self) -> Arc<dyn MessageChannelAdapter<C::Message>> {
        <A::Order as Publishes<A, C::Message>>::erase(self)
    }
}

/// The order of an adapter `A` that publishes messages of type `M`. If `A` implements `MessageChannelAdapter<M>`, every
/// order implements this trait.
///
/// The trait is a bound on the order of the adapter, and not on the adapter itself. A type that is not an adapter for
/// the topology has no order, so the compiler checks no further bounds and reports a single error.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{A}` does not publish messages of type `{M}`",
    label = "publishes other messages",
    note = "create the adapter for the channel to which you attach it, or implement `MessageChannelAdapter<{M}>` for it"
)]
pub trait Publishes<A, M: ChannelMessage> {
    fn erase(adapter: A) -> Arc<dyn MessageChannelAdapter<M>>;
}

#[diagnostic::do_not_recommend]
impl<O: MessageOrder, M: ChannelMessage, A: MessageChannelAdapter<M>> Publishes<A, M> for O {
    fn erase(adapter: A) -> Arc<dyn MessageChannelAdapter<M>> {
        Arc::new(adapter)
    }
}
