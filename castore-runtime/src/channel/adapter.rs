use std::fmt::Debug;

use async_trait::async_trait;

use super::{MessageChannel, MessageOrder, PublishError, Topology};
use crate::message::ChannelMessage;

/// Puts messages onto a queue or a bus: what the author of a message channel adapter implements.
///
/// `M` is the message enum of the channel. It serialises as Castore's messages; [`ChannelMessage::as_message`] tells
/// store, aggregate, version and event type, for routing and de-duplication. Beside this trait an adapter says what
/// it can be attached to, [`AttachesTo<Queue>`](super::Queue) or [`AttachesTo<Bus>`](super::Bus), and which orders it
/// [`Keeps`]; the compiler holds both against the channel.
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

    /// Publishes several messages, those of one aggregate in their order. The default does one after the other, and
    /// stops at the first that fails.
    ///
    /// # Errors
    /// As [`publish_message`](Self::publish_message). [`PublishError::Rejected`] names each message that was refused;
    /// all others were published.
    async fn publish_messages(&self, messages: Vec<M>, options: PublishMessageOptions) -> Result<(), PublishError> {
        for message in messages {
            self.publish_message(message, options).await?;
        }
        Ok(())
    }
}

/// How to publish.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublishMessageOptions {
    /// The message was published before, and is published again on purpose. Listeners and workers are told.
    pub replay: bool,
}

/// Says that an adapter is made for message queues (`T` = [`Queue`](super::Queue)) or buses ([`Bus`](super::Bus)).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no adapter of a message {T}",
    label = "the message channel is a {T}",
    note = "attach an adapter that is made for a message {T}, or declare the channel as one that fits this adapter"
)]
pub trait AttachesTo<T: Topology> {}

/// Says that an adapter keeps the order that a channel promises: [`PerAggregate`](super::PerAggregate), or none
/// ([`Unordered`](super::Unordered)).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep the order `{O}` that the message channel promises",
    label = "does not keep the order `{O}`",
    note = "attach an adapter in its ordered form, or take `order = \"per_aggregate\"` from the channel's declaration"
)]
pub trait Keeps<O: MessageOrder> {}

/// An adapter that can be attached to channel `C`: it carries the channel's messages, it is made for a queue or a bus
/// as the channel is one, and it keeps the order that the channel promises.
///
/// Implemented by itself, from [`MessageChannelAdapter`], [`AttachesTo`] and [`Keeps`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the adapter of message channel `{C}`",
    label = "not an adapter of `{C}`",
    note = "an adapter fits if it is made for messages of `{C}`, and for a queue or a bus as `{C}` is one"
)]
pub trait AdapterOf<C: MessageChannel>: MessageChannelAdapter<C::Message> {}

impl<C, A> AdapterOf<C> for A
where
    C: MessageChannel,
    A: MessageChannelAdapter<C::Message> + AttachesTo<C::Topology> + Keeps<C::Order>,
{
}
