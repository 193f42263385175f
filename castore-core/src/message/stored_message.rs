use std::any::Any;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{Error as _, SerializeMap, Serializer};

use super::AnyMessage;
use super::about_event::about_event;
use super::channel_message::{ChannelMessage, SourceVisitor};
use super::fields::MessageBody;
use crate::event::DecodeEventError;
use crate::storage::RawEvent;

/// A message about a stored event. The JSON of the message contains the event as it is stored.
///
/// Relays and replays publish these messages. Thus consumers also receive fields of payloads and metadata that the
/// types of this program do not declare, and notifications about events of unknown types. In all other respects, the
/// JSON is the same as the JSON of the channel's messages.
#[derive(Clone)]
#[non_exhaustive]
pub struct StoredMessage<M> {
    /// The id of the event store.
    pub event_store_id: Arc<str>,
    /// The stored event.
    pub event: RawEvent,
    /// The decoded message, or `None` for a notification. A notification is decoded only for adapters that do not
    /// publish JSON.
    message: Option<M>,
}

impl<M: ChannelMessage> StoredMessage<M> {
    /// Creates the notification about a stored event, without decoding the event. Use this function only for
    /// notification channels.
    pub fn notification(event_store_id: Arc<str>, event: RawEvent) -> Self {
        Self { event_store_id, event, message: None }
    }

    /// Creates a message about the stored event `event`, given the decoded message.
    pub fn decoded(message: M, event: RawEvent) -> Self {
        Self { event_store_id: message.as_message().event_store_id().into(), event, message: Some(message) }
    }

    /// Returns the decoded message, which contains no undeclared fields.
    ///
    /// # Errors
    /// [`DecodeEventError`] if the event of a notification belongs to another store, or if it cannot be decoded.
    pub fn into_message(self) -> Result<M, DecodeEventError> {
        self.decode().map_err(|(_, error)| error)
    }

    /// Returns the decoded message like [`into_message`](Self::into_message). The error contains the stored message.
    #[doc(hidden)]
    #[allow(clippy::result_large_err, reason = "the stored message is returned as it was given")]
    pub fn decode(self) -> Result<M, (Self, DecodeEventError)> {
        match self.message {
            Some(message) => Ok(message),
            None => about_event(&self.event_store_id, self.event.as_ref()).map_err(|error| (self, error)),
        }
    }
}

impl<M: ChannelMessage> Serialize for StoredMessage<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("eventStoreId", &*self.event_store_id)?;
        map.serialize_entry("event", &EventJson(&self.event))?;
        if let Some(message) = &self.message {
            M::with_source(&self.event_store_id, WriteState(message.as_message(), &mut map))
                .unwrap_or_else(|| Err(S::Error::custom("the event store is not a source of the message channel")))?;
        }
        map.end()
    }
}

/// A visitor that writes all fields of a message except the event.
struct WriteState<'a, S>(&'a dyn AnyMessage, &'a mut S);

impl<M, S: SerializeMap> SourceVisitor<M> for WriteState<'_, S> {
    type Output = Result<(), S::Error>;

    fn visit<B: MessageBody + Serialize>(self) -> Self::Output {
        let message: &dyn Any = self.0;
        match message.downcast_ref::<B>() {
            Some(message) => message.serialize_state(self.1),
            None => Err(S::Error::custom("two event stores of the message channel share an id")),
        }
    }
}

struct EventJson<'a>(&'a RawEvent);

impl Serialize for EventJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("aggregateId", &self.0.aggregate_id)?;
        map.serialize_entry("version", &self.0.version)?;
        map.serialize_entry("type", &self.0.event_type)?;
        map.serialize_entry("timestamp", &self.0.timestamp)?;
        if let Some(payload) = &self.0.payload {
            map.serialize_entry("payload", payload)?;
        }
        if let Some(metadata) = &self.0.metadata {
            map.serialize_entry("metadata", metadata)?;
        }
        map.end()
    }
}

impl<M> fmt::Debug for StoredMessage<M> {
    /// Omits payload, metadata and state, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StoredMessage")
            .field("event_store_id", &self.event_store_id)
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}
