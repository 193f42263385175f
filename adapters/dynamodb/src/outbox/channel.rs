use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use castore_runtime::channel::{
    MessageChannel, PublishError, PublishMessageOptions, Publisher, RawNotification, Registration, Topology,
    UndefinedMessageChannelAdapterError,
};
use castore_runtime::log::LogEntry;
use tokio::time::timeout;

use super::panics::catch_panic;
use super::source::Source;
use super::{Call, Failure};
use crate::DynamoDbRelayError;

/// A store whose events are published on a channel. Its type was checked, and is erased.
#[doc(hidden)]
pub struct PublishedStore<C: MessageChannel> {
    pub(crate) event_store_id: &'static str,
    /// How messages that carry the aggregate are made, if they do.
    pub(crate) source: Option<Box<dyn Source<C::Message>>>,
}

/// Turns events into the messages of a channel, and publishes them. The type of the channel is erased here.
#[async_trait]
pub(crate) trait Outbox: Send + Sync {
    /// Whether a call may contain several messages of an aggregate.
    fn holds_back(&self) -> bool;

    /// Adds the message about an event to the next call.
    async fn add(&mut self, entry: &LogEntry) -> Result<(), Failure>;

    /// Publishes what was added. Nothing is left, whatever becomes of it.
    async fn publish(&mut self) -> Call;

    /// Lets go of what is known of an aggregate.
    fn forget(&mut self, event_store_id: &str, aggregate_id: &str);

    /// Lets go of everything, also of what was added and not published.
    fn reset(&mut self);
}

pub(crate) struct ChannelOutbox<C: MessageChannel> {
    channel: C,
    publish_timeout: Duration,
    /// Of a channel whose messages carry the aggregate.
    sources: HashMap<&'static str, Box<dyn Source<C::Message>>>,
    messages: Vec<C::Message>,
    /// Of a channel whose messages carry the event alone: nobody decodes it.
    raw: Vec<RawNotification>,
}

/// The ids of the stores, and the claim to publish them.
///
/// # Errors
/// [`DynamoDbRelayError::NoEventStore`], [`DynamoDbRelayError::SameEventStoreTwice`] or
/// [`DynamoDbRelayError::TwoPublishers`].
pub(crate) fn check_stores<C: MessageChannel>(
    channel: &C,
    stores: &[PublishedStore<C>],
) -> Result<(Vec<&'static str>, Registration), DynamoDbRelayError> {
    let ids: Vec<_> = stores.iter().map(|store| store.event_store_id).collect();
    if ids.is_empty() {
        return Err(DynamoDbRelayError::NoEventStore { message_channel_id: C::ID });
    }
    for (at, id) in ids.iter().enumerate() {
        if ids.iter().take(at).any(|before| before == id) {
            return Err(DynamoDbRelayError::SameEventStoreTwice { message_channel_id: C::ID, event_store_id: id });
        }
    }
    let registration = channel.__core().register(ids.clone(), Publisher::Relay);
    registration.check(C::ID)?;
    Ok((ids, registration))
}

impl<C: MessageChannel> ChannelOutbox<C> {
    pub(crate) fn new(channel: C, publish_timeout: Duration, stores: Vec<PublishedStore<C>>) -> Self {
        let sources = stores.into_iter().filter_map(|store| Some((store.event_store_id, store.source?))).collect();
        Self { channel, publish_timeout, sources, messages: Vec::new(), raw: Vec::new() }
    }
}

#[async_trait]
impl<C: MessageChannel> Outbox for ChannelOutbox<C> {
    fn holds_back(&self) -> bool {
        self.channel.adapter().is_some_and(|adapter| adapter.holds_back_after_refusal())
    }

    async fn add(&mut self, entry: &LogEntry) -> Result<(), Failure> {
        let Some(source) = self.sources.get_mut(&*entry.event_store_id) else {
            let event_store_id = entry.event_store_id.clone();
            self.raw.push(RawNotification { event_store_id, event: entry.event.clone() });
            return Ok(());
        };
        match timeout(self.publish_timeout, source.message(entry)).await {
            Ok(made) => made.map(|message| self.messages.push(message)),
            Err(_) => Err(Failure::Transient(format!("loading the aggregate took over {:?}", self.publish_timeout))),
        }
    }

    async fn publish(&mut self) -> Call {
        let messages = std::mem::take(&mut self.messages);
        let raw = std::mem::take(&mut self.raw);
        let count = messages.len() + raw.len();
        let Some(adapter) = self.channel.adapter() else {
            let undefined = UndefinedMessageChannelAdapterError {
                message_channel_id: C::ID,
                topology: <C::Topology as Topology>::NAME,
            };
            return Call::of(Err(PublishError::UndefinedAdapter(undefined)), count);
        };
        let options = PublishMessageOptions::default();
        let publish = catch_panic(async move {
            if raw.is_empty() {
                adapter.publish_messages(messages, options).await
            } else {
                adapter.publish_raw_notifications(raw, options).await
            }
        });
        match timeout(self.publish_timeout, publish).await {
            Ok(Ok(result)) => Call::of(result, count),
            Ok(Err(panic)) => Call::Failed(format!("the adapter of message channel {} {panic}", C::ID)),
            Err(_) => {
                Call::Failed(format!("publishing on message channel {} took over {:?}", C::ID, self.publish_timeout))
            }
        }
    }

    fn forget(&mut self, event_store_id: &str, aggregate_id: &str) {
        if let Some(source) = self.sources.get_mut(event_store_id) {
            source.forget(aggregate_id);
        }
    }

    fn reset(&mut self) {
        self.messages.clear();
        self.raw.clear();
        self.sources.values_mut().for_each(|source| source.forget_all());
    }
}
