use std::fmt::Debug;
use std::sync::Arc;

use super::{
    AggregateEvent, ChannelAdapter, ChannelCore, ChannelSource, GetAggregateAndPublishMessage, IntoChannelMessage,
    IntoChannelMessages, MessageChannelAdapter, MessageOrder, PublishMessage, PublishMessages, Topology,
};
use crate::message::{ChannelMessage, MessageKind};

/// A message channel: a queue or a bus that carries the messages of its event stores. Declare one with
/// `message_channel!` or `#[channel]`.
///
/// All clones of a channel share one adapter: an adapter that is attached to one clone is attached to all clones.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message channel",
    label = "not a channel of `message_channel!`",
    note = "name a channel that `message_channel!` declares, as in `type AppBus = NotificationMessageBus<…>;`; an event store is not a message channel, but a source of one"
)]
pub trait MessageChannel: Clone + Debug + Send + Sync + Sized + 'static {
    /// The id of the channel.
    const ID: &'static str;

    /// The event stores whose messages the channel carries.
    const SOURCES: &'static [ChannelSource];

    /// The message enum, with one variant for each source.
    type Message: ChannelMessage + IntoChannelMessage<Self>;

    /// The kind of messages.
    type Kind: MessageKind;

    /// Whether the channel is a queue or a bus.
    type Topology: Topology;

    /// The order that the channel guarantees.
    type Order: MessageOrder;

    #[doc(hidden)]
    fn __core(&self) -> &ChannelCore<Self::Message>;

    /// Returns the id of the channel.
    fn message_channel_id(&self) -> &'static str {
        Self::ID
    }

    /// Returns the event stores whose messages the channel carries.
    fn sources(&self) -> &'static [ChannelSource] {
        Self::SOURCES
    }

    /// Returns the attached adapter, if there is one.
    fn adapter(&self) -> Option<Arc<dyn MessageChannelAdapter<Self::Message>>> {
        self.__core().adapter()
    }

    /// Attaches an adapter, which replaces the previous adapter if there is one. Messages that are already being
    /// published still use the previous adapter.
    fn set_adapter<A: ChannelAdapter<Self>>(&self, adapter: A) {
        self.__core().set_adapter(Some(adapter.erase()));
    }

    /// Detaches the adapter. Does nothing if no adapter is attached.
    fn clear_adapter(&self) {
        self.__core().set_adapter(None);
    }

    /// Returns a request that, when it is awaited, publishes a message of one of the sources.
    ///
    /// # Errors
    /// The awaited request returns a [`PublishError`](super::PublishError) if the message was not published, for
    /// example [`UndefinedAdapter`](super::PublishError::UndefinedAdapter) if no adapter is attached.
    fn publish_message<P: IntoChannelMessage<Self>>(&self, message: P) -> PublishMessage<Self> {
        PublishMessage::new(self.clone(), message.into_channel_message())
    }

    /// Returns a request that, when it is awaited, publishes several messages. Pass a `Vec` or array of messages of one
    /// type, or a tuple of up to twelve messages, which may be of different event stores.
    ///
    /// # Errors
    /// The errors of [`publish_message`](Self::publish_message). [`Rejected`](super::PublishError::Rejected) lists each
    /// message that was not published or whose outcome is unknown.
    fn publish_messages<P: IntoChannelMessages<Self>>(&self, messages: P) -> PublishMessages<Self> {
        PublishMessages::new(self.clone(), messages.into_channel_messages())
    }

    /// Returns a request that, when it is awaited, loads the aggregate of an event and publishes the event with the
    /// aggregate. Pass an `EventDetail`, or a `NotificationMessage` that contains one. This method is available only on
    /// state-carrying channels.
    ///
    /// # Errors
    /// The errors of [`publish_message`](Self::publish_message), and
    /// [`LoadAggregate`](super::PublishError::LoadAggregate) if the aggregate cannot be read.
    fn get_aggregate_and_publish_message<E: AggregateEvent<Self>>(
        &self,
        event: E,
    ) -> GetAggregateAndPublishMessage<Self> {
        GetAggregateAndPublishMessage::new(self.clone(), event)
    }
}
