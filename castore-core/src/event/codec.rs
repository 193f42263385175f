use std::borrow::Cow;

use serde_json::value::RawValue;

use super::encode_error::EncodeEventError;
use super::round_trip::check_round_trip;
use super::tagged::{Payload, TaggedEvent, has_payload};
use super::{DecodeEventError, DecodeEventProblem, EventDetail};
use crate::event::{Event, EventType};
use crate::event_sourced::{EventSourced, has_metadata};
use crate::json::{JsonMismatch, to_json};
use crate::storage::{RawEvent, RawEventRef};

/// Encodes an event for storage, and rejects it if it could not be read again. Debug builds also decode the result to
/// check it.
pub fn encode<S: EventSourced>(event: &EventDetail<S>) -> Result<RawEvent, EncodeEventError> {
    if cfg!(debug_assertions) { encode_and_read(event) } else { write(event) }
}

/// Encodes an event like [`encode`], but checks the result in every build. For test tools.
pub fn encode_and_read<S: EventSourced>(event: &EventDetail<S>) -> Result<RawEvent, EncodeEventError> {
    let raw = write(event)?;
    check_round_trip(event, &raw)?;
    Ok(raw)
}

fn write<S: EventSourced>(event: &EventDetail<S>) -> Result<RawEvent, EncodeEventError> {
    let has_payload = has_payload(&event.payload);
    Ok(RawEvent {
        aggregate_id: event.aggregate_id.to_string(),
        version: event.version,
        event_type: Cow::Borrowed(event.payload.event_type().as_str()),
        timestamp: event.timestamp,
        payload: has_payload.then(|| to_json("payload", &Payload(&event.payload))).transpose()?,
        metadata: event.metadata.as_ref().map(|metadata| to_json("metadata", metadata)).transpose()?,
    })
}

/// Decodes a stored event directly into the typed event, by the name of its type.
pub fn decode<S: EventSourced>(raw: RawEventRef<'_>) -> Result<EventDetail<S>, DecodeEventError> {
    try_decode(raw).map_err(|problem| DecodeEventError {
        event_store_id: Cow::Borrowed(S::EVENT_STORE_ID),
        aggregate_id: raw.aggregate_id.to_owned(),
        version: raw.version,
        event_type: raw.event_type.to_owned(),
        problem,
    })
}

pub(super) fn try_decode<S: EventSourced>(raw: RawEventRef<'_>) -> Result<EventDetail<S>, DecodeEventProblem> {
    let aggregate_id = raw.aggregate_id.parse().map_err(|_| DecodeEventProblem::AggregateId)?;
    let payload = read_payload::<S::Event>(raw.event_type, raw.payload)?;
    let metadata = match raw.metadata {
        Some(text) if has_metadata::<S>() => {
            serde_json::from_str(text).map_err(|error| DecodeEventProblem::Metadata(JsonMismatch::of(&error)))?
        }
        _ => None,
    };
    Ok(EventDetail { aggregate_id, version: raw.version, timestamp: raw.timestamp, payload, metadata })
}

pub(super) fn read_payload<E: Event>(event_type: &str, payload: Option<&str>) -> Result<E, DecodeEventProblem> {
    let decoded = match payload {
        Some(text) => {
            from_text(text, |payload| E::deserialize_tagged(TaggedEvent { event_type, payload: Some(payload) }))
        }
        None => E::deserialize_tagged(TaggedEvent::<&RawValue> { event_type, payload: None }),
    };
    decoded.map_err(|error| match event_type.parse::<E::EventType>() {
        Ok(_) => DecodeEventProblem::Payload(JsonMismatch::of(&error)),
        Err(unknown) => DecodeEventProblem::UnknownEventType { expected: unknown.expected },
    })
}

/// Like `serde_json::from_str`, but for a `DeserializeSeed`.
fn from_text<'de, T>(
    text: &'de str,
    read: impl FnOnce(&mut serde_json::Deserializer<serde_json::de::StrRead<'de>>) -> Result<T, serde_json::Error>,
) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = read(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}
