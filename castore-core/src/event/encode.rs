use super::detail::EventDetail;
use super::encode_error::EncodeEventError;
use super::event_type::stored_name;
use super::round_trip::check_round_trip;
use super::tagged::{Payload, has_payload};
use crate::context::join;
use crate::event_sourced::EventSourced;
use crate::json::to_json;
use crate::storage::RawEvent;

/// Encodes an event for the storage. Debug builds also decode the result again and compare the two events.
pub fn encode<S: EventSourced>(event: &EventDetail<S>) -> Result<RawEvent, EncodeEventError> {
    if cfg!(debug_assertions) { encode_and_read(event) } else { write(event) }
}

/// Encodes an event like [`encode`], but decodes and compares the event in every build. For test tools.
pub fn encode_and_read<S: EventSourced>(event: &EventDetail<S>) -> Result<RawEvent, EncodeEventError> {
    let raw = write(event)?;
    check_round_trip(event, &raw)?;
    Ok(raw)
}

pub(super) fn write<S: EventSourced>(event: &EventDetail<S>) -> Result<RawEvent, EncodeEventError> {
    let has_payload = has_payload(&event.payload);
    let metadata = event.metadata.as_ref().map(|metadata| to_json("metadata", metadata)).transpose()?;
    // For example, `metadata = Option<Audit>` and the value `None`. Reading it back would return an event without
    // metadata, which a store with required metadata must not have.
    if metadata.as_ref().is_some_and(|metadata| metadata.get() == "null") {
        return Err(EncodeEventError::ReadsAsAnotherValue { path: "metadata".to_owned() });
    }
    Ok(RawEvent {
        aggregate_id: event.aggregate_id.to_string(),
        version: event.version,
        event_type: stored_name(&event.payload),
        timestamp: event.timestamp,
        payload: has_payload.then(|| to_json("payload", &Payload(&event.payload))).transpose()?,
        metadata: join(metadata, &event.context),
    })
}
