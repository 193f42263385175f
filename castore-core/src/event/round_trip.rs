use super::decode::{read_payload, try_decode};
use super::decode_error::DecodeEventProblem;
use super::detail::EventDetail;
use super::encode_error::EncodeEventError;
use super::event_type::Event;
use super::tagged::{Payload, has_payload};
use crate::event_sourced::{EventSourced, has_metadata};
use crate::json::{JsonPath, Trace, difference, to_json};
use crate::storage::RawEvent;

/// Decodes an event that was just encoded, and compares the result with the original event.
///
/// Events need not implement `PartialEq`, so their serialized forms are compared. Comparing the JSON is not sufficient:
/// `Some(None)` and `None` are both `null`.
pub(super) fn check_round_trip<S: EventSourced>(
    event: &EventDetail<S>,
    raw: &RawEvent,
) -> Result<(), EncodeEventError> {
    let read: EventDetail<S> = match try_decode(raw.as_ref()) {
        Ok(read) => read,
        Err(DecodeEventProblem::AggregateId) => return Err(EncodeEventError::AggregateId),
        Err(problem) => return Err(EncodeEventError::Unreadable(problem)),
    };
    if read.aggregate_id != event.aggregate_id {
        return Err(EncodeEventError::AggregateId);
    }
    compare("payload", Trace::of(&Payload(&event.payload)), Trace::of(&Payload(&read.payload)))?;
    if has_metadata::<S>() {
        compare("metadata", Trace::of(&event.metadata), Trace::of(&read.metadata))?;
    }
    Ok(())
}

/// Encodes and decodes the payload of an event, and compares the result with the original payload. For test tools.
///
/// # Errors
/// [`EncodeEventError`] if the payload cannot be written as JSON, or if reading that JSON fails or returns another
/// payload.
pub fn check_payload<E: Event>(event: &E) -> Result<(), EncodeEventError> {
    let written = has_payload(event).then(|| to_json("payload", &Payload(event))).transpose()?;
    let read: E = read_payload(event.type_name(), written.as_ref().map(|json| json.get()))
        .map_err(EncodeEventError::Unreadable)?;
    compare("payload", Trace::of(&Payload(event)), Trace::of(&Payload(&read)))
}

fn compare(root: &'static str, written: Trace, read: Trace) -> Result<(), EncodeEventError> {
    match difference(&written, &read) {
        Some(segments) => Err(EncodeEventError::ReadsAsAnotherValue { path: JsonPath { root, segments }.to_string() }),
        None => Ok(()),
    }
}
