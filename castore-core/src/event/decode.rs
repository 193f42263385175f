use std::borrow::Cow;

use serde_json::value::RawValue;

use super::decode_error::{DecodeEventError, DecodeEventProblem};
use super::detail::EventDetail;
use super::event_type::{Event, EventType, unknown_event_type};
use super::evolution::{ConversionFailed, ReadEventError, read_event};
use crate::context::MetadataParts;
use crate::event_sourced::{EventSourced, has_metadata};
use crate::json::JsonMismatch;
use crate::storage::RawEventRef;

/// Decodes a stored event into the typed event. The name of the event type determines the variant. Retired types that
/// the enum declares for all of its variants are an exception: their conversion determines the variant.
pub fn decode<S: EventSourced>(raw: RawEventRef<'_>) -> Result<EventDetail<S>, DecodeEventError> {
    try_decode(raw).map_err(|problem| DecodeEventError {
        event_store_id: Cow::Borrowed(S::EVENT_STORE_ID),
        aggregate_id: raw.aggregate_id.to_owned(),
        version: raw.version,
        event_type: raw.event_type.to_owned(),
        problem,
    })
}

#[inline]
pub(super) fn try_decode<S: EventSourced>(raw: RawEventRef<'_>) -> Result<EventDetail<S>, DecodeEventProblem> {
    let aggregate_id = raw.aggregate_id.parse().map_err(|_| DecodeEventProblem::AggregateId)?;
    let payload = read_payload::<S::Event>(raw.event_type, raw.payload)?;
    let MetadataParts { context, metadata } = MetadataParts::of(raw.metadata);
    let metadata = match metadata {
        Some(text) if has_metadata::<S>() => {
            serde_json::from_str(&text).map_err(|error| DecodeEventProblem::Metadata(JsonMismatch::of(&error)))?
        }
        _ => None,
    };
    let (version, timestamp, lacked_metadata) = (raw.version, raw.timestamp, metadata.is_none());
    Ok(EventDetail { aggregate_id, version, timestamp, payload, metadata, context, lacked_metadata })
}

pub(super) fn read_payload<E: Event>(event_type: &str, payload: Option<&str>) -> Result<E, DecodeEventProblem> {
    let decoded = match payload {
        Some(text) => from_text(text, |payload| read_event(event_type, Some(payload))),
        None => read_event(event_type, None::<&RawValue>),
    };
    decoded.map_err(|error| match error {
        ReadEventError::Json(error) if is_readable::<E::EventType>(event_type) => {
            DecodeEventProblem::Payload(JsonMismatch::of(&error))
        }
        ReadEventError::Json(_) | ReadEventError::UnknownType => {
            DecodeEventProblem::UnknownEventType { expected: unknown_event_type::<E::EventType>(event_type).expected }
        }
        ReadEventError::Conversion(ConversionFailed { from, to }) => DecodeEventProblem::Conversion { from, to },
        ReadEventError::OtherVariant { declared, converted } => {
            DecodeEventProblem::ConvertedToOtherType { declared, converted }
        }
    })
}

/// Returns whether the event enum can read events with this type name.
fn is_readable<T: EventType>(event_type: &str) -> bool {
    T::RETIRED.contains(&event_type) || event_type.parse::<T>().is_ok()
}

/// Reads JSON text like `serde_json::from_str`, with a function instead of a `Deserialize` implementation.
fn from_text<'de, T>(
    text: &'de str,
    read: impl FnOnce(
        &mut serde_json::Deserializer<serde_json::de::StrRead<'de>>,
    ) -> Result<T, ReadEventError<serde_json::Error>>,
) -> Result<T, ReadEventError<serde_json::Error>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = read(&mut deserializer)?;
    deserializer.end().map_err(ReadEventError::Json)?;
    Ok(value)
}
