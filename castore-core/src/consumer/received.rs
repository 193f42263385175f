use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::message::{AnyMessage, ChannelMessage};

/// A message as received by a handler. `ReceivedMessage` dereferences to the message itself.
///
/// All handlers and retries share one copy of the message. Clone the parts that a handler needs to own. A handler for
/// the messages of several stores matches on the message enum:
/// `match &*message { AppBusMessage::Pokemon(message) => … }`.
pub struct ReceivedMessage<M> {
    shared: Arc<dyn Any + Send + Sync>,
    message: fn(&(dyn Any + Send + Sync)) -> Option<&M>,
}

impl<M: 'static> ReceivedMessage<M> {
    /// Wraps a message of a channel, for a handler that receives all messages of the channel.
    pub fn new(message: Arc<M>) -> Self
    where
        M: ChannelMessage,
    {
        Self::shared(message)
    }

    /// Wraps a shared message.
    #[doc(hidden)]
    pub fn shared(message: Arc<M>) -> Self
    where
        M: Send + Sync,
    {
        Self { shared: message, message: |shared| shared.downcast_ref() }
    }

    /// Wraps a message of a channel, for a handler that receives the messages of one store. Returns `None` if the
    /// message is not of type `M`, for example because the message belongs to another store.
    pub fn of_store<C: ChannelMessage>(message: Arc<C>) -> Option<Self> {
        fn of_store<C: ChannelMessage, M: 'static>(shared: &(dyn Any + Send + Sync)) -> Option<&M> {
            let message: &dyn AnyMessage = shared.downcast_ref::<C>()?.as_message();
            let message: &dyn Any = message;
            message.downcast_ref()
        }
        of_store::<C, M>(&*message)?;
        Some(Self { shared: message, message: of_store::<C, M> })
    }
}

impl<M> Deref for ReceivedMessage<M> {
    type Target = M;

    fn deref(&self) -> &M {
        match (self.message)(&*self.shared) {
            Some(message) => message,
            // The type was checked on construction, and the shared message does not change.
            None => unreachable!("a received message has the type with which it was created"),
        }
    }
}

impl<M> Clone for ReceivedMessage<M> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), message: self.message }
    }
}

impl<M: fmt::Debug> fmt::Debug for ReceivedMessage<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}
