use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use castore_core::channel::{
    AdapterFor, MessageChannel, MessageChannelAdapter, PerAggregate, PublishError, PublishMessageOptions, Topology,
};
use castore_core::message::check_message;

/// A message that was published.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedMessage<M> {
    /// The published message.
    pub message: M,
    /// Whether the message was published as a replay.
    pub replay: bool,
}

/// A message channel adapter that records the published messages. The adapter supports all queues and buses. Clones
/// share the records.
///
/// Like the adapter of a broker, this adapter writes each message as JSON and reads the JSON. The adapter rejects a
/// message that cannot be written or read, or that is read as another message, because no broker could carry such a
/// message.
pub struct RecordingMessageChannelAdapter<C: MessageChannel> {
    messages: Arc<Mutex<Vec<RecordedMessage<C::Message>>>>,
}

impl<C: MessageChannel> RecordingMessageChannelAdapter<C> {
    /// Creates an adapter without records.
    pub fn new() -> Self {
        Self { messages: Arc::default() }
    }

    /// Creates an adapter and attaches it to `channel`.
    pub fn attach_to(channel: &C) -> Self {
        let adapter = Self::new();
        channel.set_adapter(adapter.clone());
        adapter
    }

    /// Returns all published messages, in order.
    pub fn messages(&self) -> Vec<RecordedMessage<C::Message>> {
        self.lock().clone()
    }

    /// Returns the messages that were published since the last call of this method, in order, and removes them from the
    /// records.
    pub fn take(&self) -> Vec<RecordedMessage<C::Message>> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<RecordedMessage<C::Message>>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl<C: MessageChannel> MessageChannelAdapter<C::Message> for RecordingMessageChannelAdapter<C> {
    async fn publish_message(&self, message: C::Message, options: PublishMessageOptions) -> Result<(), PublishError> {
        check_message(&message, 0, 1)?;
        self.lock().push(RecordedMessage { message, replay: options.replay });
        Ok(())
    }
}

impl<C: MessageChannel, T: Topology> AdapterFor<T> for RecordingMessageChannelAdapter<C> {
    type Order = PerAggregate;
}

impl<C: MessageChannel> Clone for RecordingMessageChannelAdapter<C> {
    fn clone(&self) -> Self {
        Self { messages: self.messages.clone() }
    }
}

impl<C: MessageChannel> Default for RecordingMessageChannelAdapter<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: MessageChannel> fmt::Debug for RecordingMessageChannelAdapter<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RecordingMessageChannelAdapter")
            .field("message_channel_id", &C::ID)
            .field("messages", &self.lock().len())
            .finish()
    }
}
