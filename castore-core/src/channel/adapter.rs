use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::decoded::publish_decoded;
use super::ordered_publish::one_by_one;
use super::{MessageChannel, MessageOrder, PublishError, Topology};
use crate::message::{ChannelMessage, RawNotification, aggregate_of};

/// Puts messages onto a queue or a bus: what the author of a message channel adapter implements.
///
/// `M` is the message enum of the channel. It serialises as Castore's messages; [`ChannelMessage::as_message`] tells
/// store, aggregate, version and event type, for routing and de-duplication. Beside this trait an adapter says what
/// it can be attached to, [`AdapterFor<Queue>`](super::Queue) or [`AdapterFor<Bus>`](super::Bus), and which orders it
/// [`SupportsOrder`]; the compiler holds both against the channel.
///
/// When a method returns `Ok`, the messages are in the broker's keeping. Methods are called from many tasks at once.
#[async_trait]
pub trait MessageChannelAdapter<M: ChannelMessage>: Debug + Send + Sync + 'static {
    /// Publishes one message.
    ///
    /// # Errors
    /// [`PublishError::Rejected`] if the broker refuses the message, [`PublishError::Broker`] if there is no talking
    /// to it, [`PublishError::ShutDown`].
    async fn publish_message(&self, message: M, options: PublishMessageOptions) -> Result<(), PublishError>;

    /// Publishes several messages, those of one aggregate in their order. The default sends one message after the other:
    /// after a rejection it holds the later messages of the aggregate back, and after a failure of the broker it sends
    /// nothing more. An adapter with its own loop uses [`OrderedPublish`](super::OrderedPublish) for the same behavior.
    ///
    /// # Errors
    /// As [`publish_message`](Self::publish_message). [`PublishError::Rejected`] names each message that was not published;
    /// all others were published.
    async fn publish_messages(&self, messages: Vec<M>, options: PublishMessageOptions) -> Result<(), PublishError> {
        one_by_one(
            messages,
            |message| aggregate_of(message.as_message()),
            |message| self.publish_message(message, options.clone()),
        )
        .await
    }

    /// Publishes notifications that nobody has decoded, as [`publish_messages`](Self::publish_messages) does. Relays
    /// call it, on notification channels only.
    ///
    /// The default decodes them, so that an event of a type that this program does not know is refused for good.
    /// Adapters of brokers that carry text do better: they publish it as it is.
    ///
    /// # Errors
    /// As [`publish_messages`](Self::publish_messages).
    async fn publish_raw_notifications(
        &self,
        notifications: Vec<RawNotification>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        publish_decoded(self, notifications, options).await
    }

    /// Whether [`publish_messages`](Self::publish_messages) and
    /// [`publish_raw_notifications`](Self::publish_raw_notifications) never publish a message after an earlier one of
    /// its aggregate was refused in the same call. Where they might, which is the default, relays publish one message
    /// per aggregate at a time.
    fn preserves_order_on_rejection(&self) -> bool {
        false
    }
}

/// Options for publishing messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishMessageOptions {
    /// Whether the message was published before and is published again on purpose. Handlers can read it in their context.
    pub replay: bool,
    /// Whether the event has replaced a stored event of the same version, by a push with `force`. A broker that drops
    /// duplicates must not drop such a message, although its store, aggregate and version are those of an earlier one.
    pub forced: bool,
}

impl PublishMessageOptions {
    /// Returns the default options. Unlike `default`, this function can be called in constants.
    pub const fn new() -> Self {
        Self { replay: false, forced: false }
    }

    /// Sets whether the message was published before.
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

/// Says that an adapter is made for message queues (`T` = [`Queue`](super::Queue)) or buses ([`Bus`](super::Bus)).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not made for a message channel that is a `{T}`",
    label = "not made for a `{T}`",
    note = "attach an adapter that is made for a `{T}`, or declare the channel as one that fits this adapter"
)]
pub trait AdapterFor<T: Topology> {}

/// Says that an adapter keeps the order that a channel promises: [`PerAggregate`](super::PerAggregate), or none
/// ([`Unordered`](super::Unordered)).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep the order `{O}` that the message channel promises",
    label = "does not keep the order `{O}`",
    note = "attach an adapter in its ordered form, or take `order = \"per_aggregate\"` from the channel's declaration"
)]
pub trait SupportsOrder<O: MessageOrder> {}

/// An adapter that can be attached to channel `C`: it carries the channel's messages, it is made for a queue or a bus
/// as the channel is one, and it keeps the order that the channel promises.
///
/// Implemented by itself, from [`MessageChannelAdapter`], [`AdapterFor`] and [`SupportsOrder`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the adapter of message channel `{C}`",
    label = "not an adapter of `{C}`",
    note = "an adapter of `{C}` takes messages of `{C}`, attaches to a queue or a bus as `{C}` is one, and keeps the order that `{C}` promises"
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

/// An adapter for the messages `M`. What else is asked of it is asked of [`Adapter`](Self::Adapter), which is itself:
/// what is no adapter for `M` has none, and the error stops here.
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
