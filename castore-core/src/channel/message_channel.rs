use std::fmt::Debug;
use std::sync::Arc;

use super::{
    AggregateEvent, ChannelAdapter, ChannelCore, ChannelSource, GetAggregateAndPublishMessage, IntoChannelMessage,
    IntoChannelMessages, MessageChannelAdapter, MessageOrder, PublishMessage, PublishMessages, Topology,
};
use crate::message::{ChannelMessage, MessageKind};

/// A message channel: a queue or a bus, with the event stores whose messages it carries. `message_channel!` and
/// `#[channel]` declare one.
///
/// Clones are the same channel: an adapter that is attached to one is attached to all.
pub trait MessageChannel: Clone + Debug + Send + Sync + Sized + 'static {
    /// The id of the channel.
    const ID: &'static str;

    /// The event stores whose messages it carries.
    const SOURCES: &'static [ChannelSource];

    /// The message enum, with one variant for each source.
    type Message: ChannelMessage + IntoChannelMessage<Self>;

    /// What the messages carry.
    type Kind: MessageKind;

    /// Queue or bus.
    type Topology: Topology;

    /// The order that the channel promises.
    type Order: MessageOrder;

    #[doc(hidden)]
    fn __core(&self) -> &ChannelCore<Self::Message>;

    /// The id of the channel.
    fn message_channel_id(&self) -> &'static str {
        Self::ID
    }

    /// The event stores whose messages it carries.
    fn sources(&self) -> &'static [ChannelSource] {
        Self::SOURCES
    }

    /// The adapter that is attached now.
    fn adapter(&self) -> Option<Arc<dyn MessageChannelAdapter<Self::Message>>> {
        self.__core().adapter()
    }

    /// Attaches an adapter, in place of the one before. Messages that are being published go to the one they
    /// started with.
    fn set_adapter<A: ChannelAdapter<Self>>(&self, adapter: A) {
        self.__core().set_adapter(Some(adapter.erase()));
    }

    /// Takes the adapter away.
    fn clear_adapter(&self) {
        self.__core().set_adapter(None);
    }

    /// Publishes a message of one of the sources.
    ///
    /// # Errors
    /// When awaited: [`PublishError`](super::PublishError), [`UndefinedAdapter`](super::PublishError::UndefinedAdapter)
    /// if no adapter is attached.
    fn publish_message<P: IntoChannelMessage<Self>>(&self, message: P) -> PublishMessage<Self> {
        PublishMessage::new(self.clone(), message.into_channel_message())
    }

    /// Publishes several messages: a list, or a tuple of messages of different event stores.
    ///
    /// # Errors
    /// As [`publish_message`](Self::publish_message). [`Rejected`](super::PublishError::Rejected) names the messages
    /// that were refused.
    fn publish_messages<P: IntoChannelMessages<Self>>(&self, messages: P) -> PublishMessages<Self> {
        PublishMessages::new(self.clone(), messages.into_channel_messages())
    }

    /// Loads the aggregate that an event came to, and publishes both. Only state-carrying channels can.
    ///
    /// # Errors
    /// As [`publish_message`](Self::publish_message), and [`LoadAggregate`](super::PublishError::LoadAggregate) if the
    /// aggregate cannot be read.
    fn get_aggregate_and_publish_message<E: AggregateEvent<Self>>(
        &self,
        event: E,
    ) -> GetAggregateAndPublishMessage<Self> {
        GetAggregateAndPublishMessage::new(self.clone(), event)
    }
}
