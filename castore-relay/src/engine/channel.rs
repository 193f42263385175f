use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use castore_core::channel::{
    MessageChannel, PublishError, PublishMessageOptions, Topology, UndefinedMessageChannelAdapterError,
};
use castore_core::context::send;
use castore_core::log::LogEntry;
use castore_core::message::StoredMessage;
use tokio::time::timeout;
use tracing::Instrument;

use super::{CallOutcome, Failure, MessageSource, PublishableStore, catch_panic};

/// A publisher that converts events into messages of a channel and sends the messages. The trait erases the type of the
/// channel.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Returns whether the adapter preserves the order of each aggregate within a call: after a message is rejected,
    /// the adapter publishes no later message of the same aggregate. If so, a call may contain several messages of an
    /// aggregate.
    fn preserves_order_on_rejection(&self) -> bool;

    /// Adds the message about an event to the next call. Returns `None` if the aggregate must be loaded first, and a
    /// [`Failure`] if the message cannot be created.
    fn add(&mut self, entry: &LogEntry) -> Option<Result<(), Failure>>;

    /// Loads the aggregate of an event and adds the message about the event to the next call.
    ///
    /// # Errors
    /// A [`Failure`] if the message cannot be created.
    async fn load_and_add(&mut self, entry: &LogEntry) -> Result<(), Failure>;

    /// Publishes the collected messages in one call of the adapter. The messages are cleared, regardless of the
    /// outcome.
    async fn publish(&mut self) -> CallOutcome;

    /// Drops the cached state of an aggregate.
    fn forget(&mut self, event_store_id: &str, aggregate_id: &str);

    /// Drops all cached aggregates if the rewrite count of the log (the number of times that stored events were
    /// replaced or removed) has changed since the previous call.
    fn set_rewrite_count(&mut self, rewrites: u64);

    /// Drops all cached aggregates and the messages of the next call.
    fn reset(&mut self);
}

/// The outbox of a message channel.
pub struct ChannelOutbox<C: MessageChannel> {
    channel: C,
    publish_timeout: Duration,
    /// The message sources, by event store. Empty if the messages of the channel do not contain the aggregate.
    sources: HashMap<&'static str, Box<dyn MessageSource<C::Message>>>,
    rewrites: Option<u64>,
    /// The messages of the next call. Notifications are not decoded.
    messages: Vec<StoredMessage<C::Message>>,
}

impl<C: MessageChannel> ChannelOutbox<C> {
    /// Creates the outbox for the events of `stores`. `publish_timeout` limits each call of the adapter and each load
    /// of an aggregate. For channels whose messages carry the aggregate, at most `cached_aggregates` aggregates of each
    /// store are cached.
    pub fn new(
        channel: C,
        publish_timeout: Duration,
        stores: Vec<PublishableStore<C>>,
        cached_aggregates: usize,
    ) -> Self {
        let sources = stores
            .into_iter()
            .filter_map(|store| Some((store.event_store_id, (store.make_source?)(cached_aggregates))))
            .collect();
        Self { channel, publish_timeout, sources, rewrites: None, messages: Vec::new() }
    }
}

#[async_trait]
impl<C: MessageChannel> Outbox for ChannelOutbox<C> {
    fn preserves_order_on_rejection(&self) -> bool {
        self.channel.adapter().is_some_and(|adapter| adapter.preserves_order_on_rejection())
    }

    fn add(&mut self, entry: &LogEntry) -> Option<Result<(), Failure>> {
        match self.sources.get_mut(&*entry.event_store_id) {
            None => {
                self.messages.push(StoredMessage::notification(entry.event_store_id.clone(), entry.event.clone()));
                Some(Ok(()))
            }
            Some(source) => {
                let made = source.make(entry)?;
                Some(made.map(|message| self.messages.push(StoredMessage::decoded(message, entry.event.clone()))))
            }
        }
    }

    async fn load_and_add(&mut self, entry: &LogEntry) -> Result<(), Failure> {
        let Some(source) = self.sources.get_mut(&*entry.event_store_id) else {
            return self.add(entry).unwrap_or(Ok(()));
        };
        match timeout(self.publish_timeout, source.load(entry)).await {
            Ok(made) => made.map(|message| self.messages.push(StoredMessage::decoded(message, entry.event.clone()))),
            Err(_) => {
                Err(Failure::Transient(format!("loading the aggregate took longer than {:?}", self.publish_timeout)))
            }
        }
    }

    async fn publish(&mut self) -> CallOutcome {
        let messages = std::mem::take(&mut self.messages);
        let count = messages.len();
        let Some(adapter) = self.channel.adapter() else {
            let undefined = UndefinedMessageChannelAdapterError {
                message_channel_id: C::ID,
                topology: <C::Topology as Topology>::NAME,
            };
            return CallOutcome::new(Err(PublishError::UndefinedAdapter(undefined)), count);
        };
        let options = PublishMessageOptions::default();
        let span = send(C::ID, count, messages.iter().map(|message| message.event.context()));
        let publish = async move { adapter.publish_stored_messages(messages, options).await };
        let publish = catch_panic(publish.instrument(span));
        match timeout(self.publish_timeout, publish).await {
            Ok(Ok(result)) => CallOutcome::new(result, count),
            Ok(Err(panic)) => CallOutcome::Failed(format!("the adapter of message channel {} {panic}", C::ID)),
            Err(_) => CallOutcome::TimedOut(format!(
                "publishing on message channel {} took longer than {:?}",
                C::ID,
                self.publish_timeout
            )),
        }
    }

    fn forget(&mut self, event_store_id: &str, aggregate_id: &str) {
        if let Some(source) = self.sources.get_mut(event_store_id) {
            source.forget(aggregate_id);
        }
    }

    fn set_rewrite_count(&mut self, rewrites: u64) {
        if self.rewrites.replace(rewrites) != Some(rewrites) {
            self.sources.values_mut().for_each(|source| source.forget_all());
        }
    }

    fn reset(&mut self) {
        self.messages.clear();
        self.rewrites = None;
        self.sources.values_mut().for_each(|source| source.forget_all());
    }
}
