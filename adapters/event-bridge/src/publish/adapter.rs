use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use castore_core::channel::{
    AdapterFor, Bus, KeepsOrder, MessageBus, MessageChannel, MessageChannelAdapter, PublishError,
    PublishMessageOptions, Unordered,
};
use castore_core::message::StoredMessage;
use serde::Serialize;

use super::EventBridgeAdapterBuilder;
use super::publisher::Publisher;
use crate::EventBusName;

/// A publisher for event buses of EventBridge, which deliver at least once and in any order.
///
/// ```no_run
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../castore/src/guide/domain.rs"));
/// # use castore_event_bridge::EventBridgeMessageBusAdapter;
/// # fn example(client: aws_sdk_eventbridge::Client) {
/// let app_bus = AppBus::new();
/// EventBridgeMessageBusAdapter::attach_to(&app_bus, client, "app-bus");
/// # }
/// # fn main() {}
/// ```
///
/// Each request publishes up to ten messages, and the result of each entry is checked. Entries that EventBridge could
/// not store for a temporary reason are sent again, and [`PublishError::Rejected`] lists the messages that were not
/// published. A message that is too large is rejected before it is sent, unless there is a [claim
/// check](EventBridgeAdapterBuilder::claim_check). EventBridge does not inform the publisher if a rule cannot reach its
/// target, so give each rule a dead-letter queue.
///
/// If the event bus does not exist, EventBridge accepts the events and drops them without an error.
///
/// Clones publish to the same bus. The adapter needs no shutdown.
///
/// # Cancellation
/// If a publishing future is dropped, the messages in flight may or may not be published.
pub struct EventBridgeMessageBusAdapter<C: MessageChannel> {
    publisher: Arc<Publisher>,
    marker: PhantomData<fn() -> C>,
}

impl<C: MessageBus<Message: Serialize>> EventBridgeMessageBusAdapter<C> {
    /// Builds an adapter with default options, and attaches it to `channel`. The name can be given as text.
    pub fn attach_to(channel: &C, client: Client, event_bus_name: impl Into<EventBusName>) -> Self
    where
        Unordered: KeepsOrder<C::Order, Self>,
    {
        let adapter = Self::new(client, event_bus_name);
        channel.set_adapter(adapter.clone());
        adapter
    }

    /// Builds an adapter with default options, without attaching it.
    pub fn new(client: Client, event_bus_name: impl Into<EventBusName>) -> Self {
        Self::builder(client, event_bus_name).build_unchecked()
    }

    /// Returns a builder for an adapter with options.
    pub fn builder(client: Client, event_bus_name: impl Into<EventBusName>) -> EventBridgeAdapterBuilder<C> {
        EventBridgeAdapterBuilder::new(&client, event_bus_name.into())
    }
}

/// This `impl` does not repeat the trait bound of the constructors. Thus a wrong channel causes a single compile error
/// instead of one for each later use.
impl<C: MessageChannel> EventBridgeMessageBusAdapter<C> {
    pub(super) fn of_publisher(publisher: Publisher) -> Self {
        Self { publisher: Arc::new(publisher), marker: PhantomData }
    }
}

#[async_trait]
impl<C: MessageBus<Message: Serialize>> MessageChannelAdapter<C::Message> for EventBridgeMessageBusAdapter<C> {
    async fn publish_message(&self, message: C::Message, options: PublishMessageOptions) -> Result<(), PublishError> {
        self.publisher.publish_messages(&[message], options).await
    }

    async fn publish_messages(
        &self,
        messages: Vec<C::Message>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        self.publisher.publish_messages(&messages, options).await
    }

    async fn publish_stored_messages(
        &self,
        messages: Vec<StoredMessage<C::Message>>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        self.publisher.publish_stored_messages(&messages, options).await
    }
}

impl<C: MessageChannel> AdapterFor<Bus> for EventBridgeMessageBusAdapter<C> {
    type Order = Unordered;
}

impl<C: MessageChannel> Clone for EventBridgeMessageBusAdapter<C> {
    fn clone(&self) -> Self {
        Self { publisher: self.publisher.clone(), marker: PhantomData }
    }
}

impl<C: MessageChannel> fmt::Debug for EventBridgeMessageBusAdapter<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventBridgeMessageBusAdapter")
            .field("channel", &C::ID)
            .field("publisher", &self.publisher)
            .finish()
    }
}
