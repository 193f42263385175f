use serde::Deserialize;
use serde::de::{Error, IgnoredAny, MapAccess};
use serde::ser::SerializeMap;

use super::Message;
use crate::event::DecodeEventError;
use crate::event_sourced::EventSourced;
use crate::storage::RawEventRef;

/// The content of a message: the JSON fields beside `eventStoreId`.
#[doc(hidden)]
pub trait MessageBody: Message {
    fn serialize_fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;

    /// Writes all fields except the event.
    fn serialize_state<M: SerializeMap>(&self, _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }

    /// Reads the fields in any order. If `eventStoreId` is one of them, its value must be the id of the store.
    fn from_fields<'de, A: MapAccess<'de>>(fields: A) -> Result<Self, A::Error>;

    /// Returns the message about a stored event, or `None` if messages of this kind contain more than the event.
    fn about_event(_: RawEventRef<'_>) -> Option<Result<Self, DecodeEventError>> {
        None
    }
}

/// The JSON keys of all kinds of messages.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
pub(super) enum MessageField {
    EventStoreId,
    AggregateId,
    InitialEventTimestamp,
    Event,
    Aggregate,
    #[serde(other)]
    Other,
}

/// Reads all fields. `read` consumes the values of the keys that it knows and returns `None`; it returns any other key
/// without consuming the value.
pub(super) fn each_field<'de, S: EventSourced, A: MapAccess<'de>>(
    mut fields: A,
    mut read: impl FnMut(MessageField, &mut A) -> Result<Option<MessageField>, A::Error>,
) -> Result<(), A::Error> {
    while let Some(key) = fields.next_key::<MessageField>()? {
        match read(key, &mut fields)? {
            None => {}
            Some(MessageField::EventStoreId) => {
                let id: String = fields.next_value()?;
                if id != S::EVENT_STORE_ID {
                    let expected = S::EVENT_STORE_ID;
                    return Err(A::Error::custom(format_args!("message of event store {id}, expected {expected}")));
                }
            }
            Some(_) => {
                fields.next_value::<IgnoredAny>()?;
            }
        }
    }
    Ok(())
}

/// Implements `Serialize`, `Deserialize`, `Message` and `event_store_id` for a message type, based on its
/// `MessageBody`.
macro_rules! message {
    ($message:ident, $kind:ident, state: [$($state:path)?], $name:literal) => {
        impl<S: crate::event_sourced::EventSourced $(+ $state)?> serde::Serialize for $message<S> {
            fn serialize<Sr: serde::Serializer>(&self, serializer: Sr) -> Result<Sr::Ok, Sr::Error> {
                use serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("eventStoreId", S::EVENT_STORE_ID)?;
                crate::message::MessageBody::serialize_fields(self, &mut map)?;
                map.end()
            }
        }

        impl<'de, S: crate::event_sourced::EventSourced $(+ $state)?> serde::Deserialize<'de> for $message<S> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor<S>(std::marker::PhantomData<S>);
                impl<'de, S: crate::event_sourced::EventSourced $(+ $state)?> serde::de::Visitor<'de> for Visitor<S> {
                    type Value = $message<S>;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, concat!($name, " message of event store {}"), S::EVENT_STORE_ID)
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
                        crate::message::MessageBody::from_fields(fields)
                    }
                }
                deserializer.deserialize_map(Visitor(std::marker::PhantomData))
            }
        }

        impl<S: crate::event_sourced::EventSourced> $message<S> {
            /// Returns the id of the message's event store.
            pub fn event_store_id(&self) -> &'static str {
                S::EVENT_STORE_ID
            }
        }

        impl<S: crate::event_sourced::EventSourced> crate::message::Message for $message<S> {
            type Store = S;
            type Kind = crate::message::$kind;
        }
    };
}
pub(super) use message;
