use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error as DeError, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Error as _, SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::evolution::read_event;
use super::tagged::{Payload, PayloadSeed, has_payload};
use super::type_name::TypeName;
use crate::context::{EventContext, MetadataParts, join};
use crate::event::Event;
use crate::event_sourced::{EventSourced, ReduceError, has_metadata};
use crate::json::{Buffered, Strict, to_json, without_place};
use crate::text::{FromText, ToText};
use crate::time::Timestamp;

/// An event in event store `S`.
///
/// The JSON form is `{"aggregateId", "version", "type", "timestamp", "payload"?, "metadata"?}`, where the field
/// `payload` of this type is split into the keys `type` and `payload`. When the JSON is read, the keys may be in any
/// order, and unknown keys are ignored.
#[non_exhaustive]
pub struct EventDetail<S: EventSourced> {
    /// The id of the aggregate.
    pub aggregate_id: S::AggregateId,
    /// The version of the aggregate after the event, beginning with 1.
    pub version: u64,
    /// The time of the event.
    pub timestamp: Timestamp,
    /// The payload, which determines the event type.
    pub payload: S::Event,
    /// The metadata. Always `None` if the store declares no metadata, even if the stored event has metadata.
    pub metadata: Option<S::Metadata>,
    /// The request and the message that caused the event, and the trace of the event. Empty if the event was stored
    /// without a context. In the JSON form, the context is part of the metadata. `==` ignores the context.
    pub context: EventContext,
    /// Whether the event is stored without metadata: it was read from a storage or a message, or it was pushed.
    pub(super) lacked_metadata: bool,
}

impl<S: EventSourced> EventDetail<S> {
    /// Creates an event without metadata and without a context, for example in a test of a handler.
    pub fn new(aggregate_id: S::AggregateId, version: u64, timestamp: Timestamp, payload: S::Event) -> Self {
        let (metadata, context) = (None, EventContext::new());
        Self { aggregate_id, version, timestamp, payload, metadata, context, lacked_metadata: false }
    }

    /// Marks the event as stored. If it has no metadata, it may then be pushed again without metadata.
    #[doc(hidden)]
    #[must_use]
    pub fn __stored(self) -> Self {
        Self { lacked_metadata: self.metadata.is_none(), ..self }
    }

    /// Sets the metadata. Defaults to `None`.
    #[must_use]
    pub fn metadata(self, metadata: S::Metadata) -> Self {
        Self { metadata: Some(metadata), ..self }
    }

    /// Sets the context. Defaults to an empty context.
    #[must_use]
    pub fn context(self, context: EventContext) -> Self {
        Self { context, ..self }
    }

    /// Returns the type of the event.
    pub fn event_type(&self) -> <S::Event as Event>::EventType {
        self.payload.event_type()
    }

    /// Returns the name of the event type, even if the event enum does not declare this type.
    pub fn type_name(&self) -> &str {
        self.payload.type_name()
    }

    /// Returns the error for an event that cannot happen to its aggregate in the current state. Reducers return this
    /// error. The error names the event store, the aggregate, the version and the event type.
    pub fn unexpected(&self) -> ReduceError {
        ReduceError::unexpected(self)
    }
}

impl<S: EventSourced> Clone for EventDetail<S> {
    fn clone(&self) -> Self {
        Self {
            aggregate_id: self.aggregate_id.clone(),
            version: self.version,
            timestamp: self.timestamp,
            payload: self.payload.clone(),
            metadata: self.metadata.clone(),
            context: self.context.clone(),
            lacked_metadata: self.lacked_metadata,
        }
    }
}

impl<S: EventSourced> fmt::Debug for EventDetail<S> {
    /// Omits payload and metadata, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventDetail")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("aggregate_id", &format_args!("{}", self.aggregate_id))
            .field("version", &self.version)
            .field("event_type", &format_args!("{}", self.type_name()))
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

impl<S: EventSourced> PartialEq for EventDetail<S>
where
    S::Event: PartialEq,
    S::Metadata: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.aggregate_id == other.aggregate_id
            && self.version == other.version
            && self.timestamp == other.timestamp
            && self.payload == other.payload
            && self.metadata == other.metadata
    }
}

impl<S: EventSourced> Serialize for EventDetail<S> {
    fn serialize<Sr: Serializer>(&self, serializer: Sr) -> Result<Sr::Ok, Sr::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("aggregateId", &ToText(&self.aggregate_id))?;
        map.serialize_entry("version", &self.version)?;
        map.serialize_entry("type", self.type_name())?;
        map.serialize_entry("timestamp", &self.timestamp)?;
        if has_payload(&self.payload) {
            map.serialize_entry("payload", &Strict { root: "payload", value: &Payload(&self.payload) })?;
        }
        match &self.metadata {
            metadata if !self.context.is_empty() => {
                let metadata = metadata.as_ref().map(|metadata| to_json("metadata", metadata)).transpose();
                map.serialize_entry("metadata", &join(metadata.map_err(Sr::Error::custom)?, &self.context))?;
            }
            Some(metadata) => map.serialize_entry("metadata", &Strict { root: "metadata", value: metadata })?,
            None => {}
        }
        map.end()
    }
}

impl<'de, S: EventSourced> Deserialize<'de> for EventDetail<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EventVisitor(PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum DetailField {
    AggregateId,
    Version,
    Type,
    Timestamp,
    Payload,
    Metadata,
    #[serde(other)]
    Other,
}

struct EventVisitor<S>(PhantomData<S>);

/// The payload of an event that is being read: decoded if the type is already known, and otherwise buffered until the
/// type is read.
enum Read<E> {
    Not,
    Aside(Buffered),
    Done(E),
}

impl<'de, S: EventSourced> Visitor<'de> for EventVisitor<S> {
    type Value = EventDetail<S>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an event of event store {}", S::EVENT_STORE_ID)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EventDetail<S>, A::Error> {
        let mut aggregate_id = None;
        let mut version = None;
        let mut event_type: Option<TypeName<S::Event>> = None;
        let mut timestamp = None;
        let mut payload: Read<S::Event> = Read::Not;
        let (mut metadata, mut context) = (None, EventContext::new());
        while let Some(key) = map.next_key::<DetailField>()? {
            match key {
                DetailField::AggregateId => aggregate_id = Some(map.next_value::<FromText<S::AggregateId>>()?.0),
                DetailField::Version => version = Some(map.next_value()?),
                DetailField::Type => event_type = Some(map.next_value()?),
                DetailField::Timestamp => timestamp = Some(map.next_value()?),
                DetailField::Payload => {
                    payload = match &event_type {
                        Some(known) => Read::Done(
                            map.next_value_seed(PayloadSeed { event_type: known.as_str(), event: PhantomData })?,
                        ),
                        None => Read::Aside(map.next_value()?),
                    }
                }
                DetailField::Metadata => (metadata, context) = read_metadata::<S, A::Error>(map.next_value()?)?,
                DetailField::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let event_type = event_type.ok_or_else(|| A::Error::missing_field("type"))?;
        let payload = match payload {
            Read::Done(payload) => payload,
            Read::Aside(buffered) => {
                buffered.read(PayloadSeed { event_type: event_type.as_str(), event: PhantomData })?
            }
            Read::Not => {
                let none: Option<serde_json::Value> = None;
                let read = read_event(event_type.as_str(), none);
                read.map_err(|error| A::Error::custom(error.into_serde::<S::Event>(event_type.as_str())))?
            }
        };
        Ok(EventDetail {
            aggregate_id: aggregate_id.ok_or_else(|| A::Error::missing_field("aggregateId"))?,
            version: version.ok_or_else(|| A::Error::missing_field("version"))?,
            timestamp: timestamp.ok_or_else(|| A::Error::missing_field("timestamp"))?,
            payload,
            lacked_metadata: metadata.is_none(),
            metadata,
            context,
        })
    }
}

/// Reads the metadata and the context from the metadata of a message.
fn read_metadata<S: EventSourced, E: DeError>(buffered: Buffered) -> Result<(Option<S::Metadata>, EventContext), E> {
    let text = buffered.into_text()?;
    let MetadataParts { context, metadata } = MetadataParts::of(Some(text.get()));
    let Some(metadata) = metadata.filter(|_| has_metadata::<S>()) else { return Ok((None, context)) };
    let metadata = serde_json::from_str(&metadata).map_err(|error| E::custom(without_place(&error.to_string())))?;
    Ok((metadata, context))
}
