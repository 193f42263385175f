use std::fmt;
use std::sync::Arc;

use serde::Deserialize as _;
use serde::de::Deserializer;
use serde::ser::Serializer;
use serde_json::value::RawValue;

use crate::json::Buffered;

/// An event of a type that the event enum does not declare. Such an event is the payload of the enum's variant with
/// `#[event(other)]`.
///
/// The name of the type and the text of the payload are kept as they were read, so that messages, replays and forced
/// pushes do not change them. Unknown events are created only when events are read from a storage or from messages.
/// Clones share the text.
#[derive(Clone)]
pub struct UnknownEvent(Arc<Unknown>); // created only by reading; to push such an event, declare its variant

struct Unknown {
    event_type: Box<str>,
    payload: Option<Box<RawValue>>,
}

impl UnknownEvent {
    pub(super) fn read<'de, D: Deserializer<'de>>(event_type: &str, payload: Option<D>) -> Result<Self, D::Error> {
        let payload = match payload {
            Some(payload) => Some(Buffered::deserialize(payload)?.into_text()?),
            None => None,
        };
        Ok(Self(Arc::new(Unknown { event_type: event_type.into(), payload })))
    }

    /// Returns the name of the event type.
    pub fn event_type(&self) -> &str {
        &self.0.event_type
    }

    /// Returns the JSON text of the payload, or `None` if the event has no payload.
    pub fn payload(&self) -> Option<&str> {
        self.0.payload.as_deref().map(RawValue::get)
    }

    /// Serializes the event like a variant of an externally tagged enum. Generated code calls this method.
    #[doc(hidden)]
    pub fn serialize_tagged<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.payload {
            Some(payload) => serializer.serialize_newtype_variant("", 0, "", payload),
            None => serializer.serialize_unit_variant("", 0, ""),
        }
    }
}

/// Compares the names and the JSON texts. Payloads that differ only in their formatting are not equal.
impl PartialEq for UnknownEvent {
    fn eq(&self, other: &Self) -> bool {
        self.event_type() == other.event_type() && self.payload() == other.payload()
    }
}

impl Eq for UnknownEvent {}

impl fmt::Debug for UnknownEvent {
    /// Omits the payload, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("UnknownEvent").field("event_type", &self.event_type()).finish_non_exhaustive()
    }
}
