// Message channel adapters as somebody else would write them: for any channel's messages, and without order.

use async_trait::async_trait;
use castore::channel::{AttachesTo, Bus, Keeps, MessageChannelAdapter, PublishMessageOptions, Queue, Unordered};
use castore::{ChannelMessage, PublishError};

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

impl AttachesTo<Queue> for PostQueueAdapter {}

impl Keeps<Unordered> for PostQueueAdapter {}

#[async_trait]
impl<M: ChannelMessage> MessageChannelAdapter<M> for PostBusAdapter {
    async fn publish_message(&self, _: M, _: PublishMessageOptions) -> Result<(), PublishError> {
        Ok(())
    }
}

impl AttachesTo<Bus> for PostBusAdapter {}

impl Keeps<Unordered> for PostBusAdapter {}
