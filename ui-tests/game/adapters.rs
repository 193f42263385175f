// Message channel adapters as a third party would write them: for messages of any channel, and without order.

use async_trait::async_trait;
use castore::channel::{AdapterFor, Bus, MessageChannelAdapter, PublishMessageOptions, Queue, Unordered};
use castore::PublishError;
use castore::message::ChannelMessage;

#[derive(Debug)]
pub struct PostQueueAdapter;

#[derive(Debug)]
pub struct PostBusAdapter;

#[async_trait]
impl<M: ChannelMessage> MessageChannelAdapter<M> for PostQueueAdapter {
    async fn publish_message(&self, _: M, _: PublishMessageOptions) -> Result<(), PublishError> {
        Ok(())
    }
}

impl AdapterFor<Queue> for PostQueueAdapter {
    type Order = Unordered;
}

#[async_trait]
impl<M: ChannelMessage> MessageChannelAdapter<M> for PostBusAdapter {
    async fn publish_message(&self, _: M, _: PublishMessageOptions) -> Result<(), PublishError> {
        Ok(())
    }
}

impl AdapterFor<Bus> for PostBusAdapter {
    type Order = Unordered;
}

