use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::AnyMessage;
use crate::storage::RawEvent;

/// A notification about a stored event whose payload is not decoded.
///
/// Relays publish these, so that events of types that this program does not know are passed on unchanged. The JSON is
/// the same as that of a [`NotificationMessage`](crate::message::NotificationMessage).
#[derive(Clone)]
#[non_exhaustive]
pub struct RawNotification {
    /// The id of the event store.
    pub event_store_id: Arc<str>,
    /// The stored event.
    pub event: RawEvent,
}

impl RawNotification {
    /// Creates the notification about a stored event.
    pub fn new(event_store_id: Arc<str>, event: RawEvent) -> Self {
        Self { event_store_id, event }
    }
}

impl Serialize for RawNotification {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("eventStoreId", &*self.event_store_id)?;
        map.serialize_entry("event", &EventJson(&self.event))?;
        map.end()
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

impl fmt::Debug for RawNotification {
    /// Omits payload and metadata, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RawNotification")
            .field("event_store_id", &self.event_store_id)
            .field("event", &self.event)
            .finish()
    }
}

/// Returns the event store and the aggregate of a message, for keeping the messages of an aggregate in order.
pub fn aggregate_of(message: &dyn AnyMessage) -> (&'static str, String) {
    (message.event_store_id(), message.aggregate_id())
}
