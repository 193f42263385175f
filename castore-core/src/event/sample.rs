//! Conversions between payloads and text, for tools that keep samples of events.

use serde_json::value::RawValue;

use super::decode::read_payload;
use super::decode_error::DecodeEventProblem;
use super::encode_error::EncodeEventError;
use super::event_type::Event;
use super::tagged::{Payload, has_payload};
use crate::json::to_json;

/// Returns the payload of an event as it is stored, or `None` if the event type has no payload.
///
/// # Errors
/// [`EncodeEventError`] if the payload cannot be stored as JSON.
pub fn payload_text<E: Event>(event: &E) -> Result<Option<Box<RawValue>>, EncodeEventError> {
    Ok(has_payload(event).then(|| to_json("payload", &Payload(event))).transpose()?)
}

/// Checks that a stored payload can be read.
///
/// # Errors
/// [`DecodeEventProblem`] if the payload cannot be read.
pub fn check_payload_text<E: Event>(event_type: &str, payload: Option<&str>) -> Result<(), DecodeEventProblem> {
    read_payload::<E>(event_type, payload).map(drop)
}
