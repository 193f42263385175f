use std::fmt;

use serde::de::{Error, MapAccess};
use serde::ser::SerializeMap;

use super::AnyMessage;
use super::fields::{MessageBody, MessageField, each_field, message};
use crate::context::EventContext;
use crate::event::{DecodeEventError, EventDetail, decode};
use crate::event_sourced::EventSourced;
use crate::storage::RawEventRef;

/// A message that contains an event. The JSON is `{"eventStoreId", "event"}`.
pub struct NotificationMessage<S: EventSourced> {
    /// The event.
    pub event: EventDetail<S>,
}

message!(NotificationMessage, Notification, state: [], "a notification");

impl<S: EventSourced> MessageBody for NotificationMessage<S> {
    fn serialize_fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("event", &self.event)
    }

    fn from_fields<'de, A: MapAccess<'de>>(fields: A) -> Result<Self, A::Error> {
        let mut event = None;
        each_field::<S, A>(fields, |key, fields| {
            match key {
                MessageField::Event => event = Some(fields.next_value()?),
                other => return Ok(Some(other)),
            }
            Ok(None)
        })?;
        Ok(Self { event: event.ok_or_else(|| A::Error::missing_field("event"))? })
    }

    fn about_event(event: RawEventRef<'_>) -> Option<Result<Self, DecodeEventError>> {
        Some(decode(event).map(|event| Self { event }))
    }
}

impl<S: EventSourced> AnyMessage for NotificationMessage<S> {
    fn event_store_id(&self) -> &'static str {
        S::EVENT_STORE_ID
    }

    fn aggregate_id(&self) -> String {
        self.event.aggregate_id.to_string()
    }

    fn version(&self) -> Option<u64> {
        Some(self.event.version)
    }

    fn event_type(&self) -> Option<&str> {
        Some(self.event.type_name())
    }

    fn event_context(&self) -> EventContext {
        self.event.context.clone()
    }
}

impl<S: EventSourced> Clone for NotificationMessage<S> {
    fn clone(&self) -> Self {
        Self { event: self.event.clone() }
    }
}

impl<S: EventSourced> PartialEq for NotificationMessage<S>
where
    EventDetail<S>: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.event == other.event
    }
}

impl<S: EventSourced> fmt::Debug for NotificationMessage<S> {
    /// Omits the payload, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NotificationMessage").field("event", &self.event).finish()
    }
}
