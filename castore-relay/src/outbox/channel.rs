use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use castore_runtime::channel::{
    MessageChannel, PublishError, PublishMessageOptions, RawNotification, Topology, UndefinedMessageChannelAdapterError,
};
use castore_runtime::log::LogEntry;
use tokio::time::timeout;

use super::{Call, Failure, Source};
use crate::run::catch_panic;

/// Turns events into the messages of a channel, and publishes them. The type of the channel is erased here.
#[async_trait]
pub(crate) trait Outbox: Send + Sync {
    /// Whether a call may contain several messages of an aggregate.
    fn holds_back(&self) -> bool;

    /// Adds the message about an event to the next call, if nothing needs to be read for it.
    fn add(&mut self, entry: &LogEntry) -> Option<Result<(), Failure>>;

    /// Adds the message about an event to the next call, and reads what it needs.
    async fn load_and_add(&mut self, entry: &LogEntry) -> Result<(), Failure>;

    /// Publishes what was added. Nothing is left, whatever becomes of it.
    async fn publish(&mut self) -> Call;

    /// Lets go of what is known of an aggregate.
    fn forget(&mut self, event_store_id: &str, aggregate_id: &str);

    /// How often stored events were replaced: when it changes, all that is known of aggregates is let go of.
    fn rewritten(&mut self, rewrites: u64);

    /// Lets go of everything, also of what was added and not published.
    fn reset(&mut self);
}

pub(crate) struct ChannelOutbox<C: MessageChannel> {
    channel: C,
    publish_timeout: Duration,
    /// Of a channel whose messages carry the aggregate.
    sources: HashMap<&'static str, Box<dyn Source<C::Message>>>,
    rewrites: Option<u64>,
    messages: Vec<C::Message>,
    /// Of a channel whose messages carry the event alone: nobody decodes it.
    raw: Vec<RawNotification>,
}

impl<C: MessageChannel> ChannelOutbox<C> {
    pub(crate) fn new(
        channel: C,
        publish_timeout: Duration,
        sources: HashMap<&'static str, Box<dyn Source<C::Message>>>,
    ) -> Self {
        Self { channel, publish_timeout, sources, rewrites: None, messages: Vec::new(), raw: Vec::new() }
    }
}

#[async_trait]
impl<C: MessageChannel> Outbox for ChannelOutbox<C> {
    fn holds_back(&self) -> bool {
        self.channel.adapter().is_some_and(|adapter| adapter.holds_back_after_refusal())
    }

    fn add(&mut self, entry: &LogEntry) -> Option<Result<(), Failure>> {
        match self.sources.get_mut(&*entry.event_store_id) {
            None => {
                self.raw
                    .push(RawNotification { event_store_id: entry.event_store_id.clone(), event: entry.event.clone() });
                Some(Ok(()))
            }
            Some(source) => {
                let made = source.make(entry)?;
                Some(made.map(|message| self.messages.push(message)))
            }
        }
    }

    async fn load_and_add(&mut self, entry: &LogEntry) -> Result<(), Failure> {
        let Some(source) = self.sources.get_mut(&*entry.event_store_id) else {
            return self.add(entry).unwrap_or(Ok(()));
        };
        match timeout(self.publish_timeout, source.load(entry)).await {
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
                Call::TimedOut(format!("publishing on message channel {} took over {:?}", C::ID, self.publish_timeout))
            }
        }
    }

    fn forget(&mut self, event_store_id: &str, aggregate_id: &str) {
        if let Some(source) = self.sources.get_mut(event_store_id) {
            source.forget(aggregate_id);
        }
    }

    fn rewritten(&mut self, rewrites: u64) {
        if self.rewrites.replace(rewrites) != Some(rewrites) {
            self.sources.values_mut().for_each(|source| source.forget_all());
        }
    }

    fn reset(&mut self) {
        self.messages.clear();
        self.raw.clear();
        self.rewrites = None;
        self.sources.values_mut().for_each(|source| source.forget_all());
    }
}
