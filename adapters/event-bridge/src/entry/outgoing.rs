use std::fmt;

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use castore_aws::{MessageIdentity, OutgoingMessage};

use super::REPLAY_KEY;
use super::detail_type::{ReservedEventTypeError, detail_type};
use super::trace_header::trace_header;

/// A message that is ready to be sent.
pub(crate) struct Outgoing {
    source: String,
    detail_type: String,
    detail: String,
    trace_header: Option<String>,
}

impl Outgoing {
    /// Creates the message. If `mark_replay` is set, the detail of a replayed aggregate-exists message contains a mark.
    pub(crate) fn new(
        message: &MessageIdentity,
        json: String,
        replay: bool,
        mark_replay: bool,
    ) -> Result<Self, ReservedEventTypeError> {
        let detail_type = detail_type(message.event_type.as_deref(), replay)?.to_owned();
        let marked = mark_replay && replay && message.event_type.is_none();
        let detail = if marked { with_replay(json) } else { json };
        let trace_header = trace_header(&message.context);
        Ok(Self { source: message.event_store_id.clone(), detail_type, detail, trace_header })
    }

    pub(crate) fn entry(&self, event_bus_name: &str) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(event_bus_name)
            .source(&self.source)
            .detail_type(&self.detail_type)
            .detail(&self.detail)
            .set_trace_header(self.trace_header.clone())
            .build()
    }
}

impl OutgoingMessage for Outgoing {
    /// Returns the size as EventBridge counts it. EventBridge also counts the time and the resources, but castore does
    /// not set them. EventBridge does not count the trace header.
    fn bytes(&self) -> usize {
        self.source.len() + self.detail_type.len() + self.detail.len()
    }

    fn take_json(&mut self) -> String {
        std::mem::take(&mut self.detail)
    }

    fn set_json(&mut self, json: String) {
        self.detail = json;
    }
}

/// Adds the mark of a replay to the JSON of a message. The JSON of a message is always a non-empty object.
fn with_replay(mut json: String) -> String {
    if json.ends_with('}') {
        json.pop();
        json.push_str(",\"");
        json.push_str(REPLAY_KEY);
        json.push_str("\":true}");
    }
    json
}

impl fmt::Debug for Outgoing {
    /// Omits the detail, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Outgoing")
            .field("source", &self.source)
            .field("detail_type", &self.detail_type)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(event_type: Option<&str>) -> MessageIdentity {
        let identity = MessageIdentity::new("POKEMONS", "pikachu");
        match event_type {
            Some(event_type) => identity.with_event(1, event_type),
            None => identity,
        }
    }

    #[test]
    fn sizes_are_those_of_the_parts_in_utf_8() {
        let outgoing = Outgoing::new(&about(Some("APPEARED")), "{\"é\":\"🦀\"}".into(), false, false).unwrap();
        assert_eq!(outgoing.bytes(), "POKEMONS".len() + "APPEARED".len() + 2 + 4 + 1 + 6);
    }

    #[test]
    fn only_replayed_messages_without_event_are_marked() {
        for (event_type, replay, mark, detail) in [
            (None, true, true, "{\"a\":{},\"replay\":true}"),
            (None, true, false, "{\"a\":{}}"),
            (None, false, true, "{\"a\":{}}"),
            (Some("APPEARED"), true, true, "{\"a\":{}}"),
        ] {
            let outgoing = Outgoing::new(&about(event_type), "{\"a\":{}}".into(), replay, mark).unwrap();
            assert_eq!(outgoing.detail, detail);
        }
    }

    #[test]
    fn reserved_event_types_are_rejected() {
        for event_type in ["__REPLAYED__", "__AGGREGATE_EXISTS__"] {
            for replay in [false, true] {
                let error = Outgoing::new(&about(Some(event_type)), "{}".into(), replay, false).unwrap_err();
                assert_eq!(error, ReservedEventTypeError { event_type });
            }
        }
    }
}
