use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use castore::channel::{AdapterFor, Bus, MessageChannelAdapter, PerAggregate, PublishMessageOptions, Queue};
use castore::message::{ChannelMessage, StoredMessage};
use castore::prelude::*;

/// An adapter that counts messages and drops them, so that a case measures the library and not a broker.
#[derive(Debug, Default)]
pub(crate) struct CountingMessageChannelAdapter(Arc<AtomicU64>);

impl CountingMessageChannelAdapter {
    /// Returns the number of messages so far, also after the adapter has moved into a channel.
    pub(crate) fn count(&self) -> Arc<AtomicU64> {
        self.0.clone()
    }
}

#[async_trait]
impl<M: ChannelMessage> MessageChannelAdapter<M> for CountingMessageChannelAdapter {
    async fn publish_message(&self, message: M, _: PublishMessageOptions) -> Result<(), PublishError> {
        drop(message);
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn publish_stored_messages(
        &self,
        messages: Vec<StoredMessage<M>>,
        _: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        self.0.fetch_add(messages.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

impl AdapterFor<Queue> for CountingMessageChannelAdapter {
    type Order = PerAggregate;
}

impl AdapterFor<Bus> for CountingMessageChannelAdapter {
    type Order = PerAggregate;
}
