//! Requests that publish messages. A request accepts options, and starts when it is awaited.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;

use tracing::Instrument;

use super::{
    AggregateEvent, MessageChannel, MessageChannelAdapter, PublishError, PublishMessageOptions, Topology,
    UndefinedMessageChannelAdapterError,
};
use crate::future::BoxFuture;
use crate::message::ChannelMessage;

/// A request that publishes a message when awaited. See [`MessageChannel::publish_message`].
#[must_use = "nothing is published before this is awaited"]
#[derive(Debug)]
pub struct PublishMessage<C: MessageChannel> {
    channel: C,
    message: C::Message,
    options: PublishMessageOptions,
}

impl<C: MessageChannel> PublishMessage<C> {
    pub(super) fn new(channel: C, message: C::Message) -> Self {
        Self { channel, message, options: PublishMessageOptions::default() }
    }

    /// Sets whether the message is a replay of an earlier message. Handlers can read this flag in their context.
    /// Defaults to `false`.
    pub fn replay(mut self, replay: bool) -> Self {
        self.options.replay = replay;
        self
    }

    /// Sets whether the event has replaced a stored event of the same version. A broker must not drop such a message as
    /// a duplicate. Event stores that are connected to the channel set this flag when an event is pushed with `force`.
    /// Defaults to `false`.
    pub fn forced(mut self, forced: bool) -> Self {
        self.options.forced = forced;
        self
    }

    async fn run(self) -> Result<(), PublishError> {
        let about = self.message.as_message();
        let span = tracing::debug_span!(
            "publish_message",
            channel = C::ID,
            event_store = about.event_store_id(),
            aggregate_id = tracing::field::Empty,
            version = about.version(),
            replay = self.options.replay,
        );
        if !span.is_disabled() {
            span.record("aggregate_id", about.aggregate_id());
        }
        let adapter = adapter_of(&self.channel)?;
        let publish = adapter.publish_message(self.message, self.options);
        if span.is_disabled() { publish.await } else { publish.instrument(span).await }
    }
}

impl<C: MessageChannel> IntoFuture for PublishMessage<C> {
    type Output = Result<(), PublishError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// A request that publishes several messages when awaited. See [`MessageChannel::publish_messages`].
#[must_use = "nothing is published before this is awaited"]
#[derive(Debug)]
pub struct PublishMessages<C: MessageChannel> {
    channel: C,
    messages: Vec<C::Message>,
    options: PublishMessageOptions,
}

impl<C: MessageChannel> PublishMessages<C> {
    pub(super) fn new(channel: C, messages: Vec<C::Message>) -> Self {
        Self { channel, messages, options: PublishMessageOptions::default() }
    }

    /// Sets whether the messages are replays of earlier messages. Handlers can read this flag in their context.
    /// Defaults to `false`.
    pub fn replay(mut self, replay: bool) -> Self {
        self.options.replay = replay;
        self
    }

    /// Sets whether the events have replaced stored events of the same versions: see [`PublishMessage::forced`].
    /// Defaults to `false`.
    pub fn forced(mut self, forced: bool) -> Self {
        self.options.forced = forced;
        self
    }

    async fn run(self) -> Result<(), PublishError> {
        let span = tracing::debug_span!(
            "publish_messages",
            channel = C::ID,
            messages = self.messages.len(),
            replay = self.options.replay,
        );
        let adapter = adapter_of(&self.channel)?;
        adapter.publish_messages(self.messages, self.options).instrument(span).await
    }
}

impl<C: MessageChannel> IntoFuture for PublishMessages<C> {
    type Output = Result<(), PublishError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// A request that loads the aggregate of an event, and publishes the event with the aggregate, when awaited. See
/// [`MessageChannel::get_aggregate_and_publish_message`].
#[must_use = "nothing is published before this is awaited"]
pub struct GetAggregateAndPublishMessage<C: MessageChannel> {
    channel: C,
    message: BoxFuture<'static, Result<C::Message, PublishError>>,
    options: PublishMessageOptions,
}

impl<C: MessageChannel> GetAggregateAndPublishMessage<C> {
    pub(super) fn new<E: AggregateEvent<C>>(channel: C, event: E) -> Self {
        let loaded = event.__load(&channel);
        let message = Box::pin(async move { Ok(loaded.await?) });
        Self { channel, message, options: PublishMessageOptions::default() }
    }

    /// Sets whether the message is a replay of an earlier message. Handlers can read this flag in their context.
    /// Defaults to `false`.
    pub fn replay(mut self, replay: bool) -> Self {
        self.options.replay = replay;
        self
    }

    /// Sets whether the event has replaced a stored event of the same version. A broker must not drop such a message as
    /// a duplicate. Event stores that are connected to the channel set this flag when an event is pushed with `force`.
    /// Defaults to `false`.
    pub fn forced(mut self, forced: bool) -> Self {
        self.options.forced = forced;
        self
    }

    async fn run(self) -> Result<(), PublishError> {
        // As in the original package, a missing adapter is reported before anything is read.
        adapter_of(&self.channel)?;
        let message = self.message.await?;
        PublishMessage { channel: self.channel, message, options: self.options }.await
    }
}

impl<C: MessageChannel> IntoFuture for GetAggregateAndPublishMessage<C> {
    type Output = Result<(), PublishError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<C: MessageChannel> fmt::Debug for GetAggregateAndPublishMessage<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("GetAggregateAndPublishMessage")
            .field("channel", &self.channel)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

type SharedAdapter<C> = Arc<dyn MessageChannelAdapter<<C as MessageChannel>::Message>>;

fn adapter_of<C: MessageChannel>(channel: &C) -> Result<SharedAdapter<C>, UndefinedMessageChannelAdapterError> {
    channel.adapter().ok_or(UndefinedMessageChannelAdapterError {
        message_channel_id: C::ID,
        topology: <C::Topology as Topology>::NAME,
    })
}
