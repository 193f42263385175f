use std::fmt;

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use castore_core::channel::{ClaimCheck, ClaimCheckError, ClaimedMessage};
use castore_core::message::{AnyMessage, RawNotification};

use super::REPLAY_KEY;
use super::detail_type::{ReservedEventTypeError, detail_type};

/// What a message is about.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) event_store_id: String,
    pub(crate) aggregate_id: String,
    pub(crate) version: Option<u64>,
    pub(crate) event_type: Option<String>,
}

impl About {
    pub(crate) fn message(message: &dyn AnyMessage) -> Self {
        Self {
            event_store_id: message.event_store_id().to_owned(),
            aggregate_id: message.aggregate_id(),
            version: message.version(),
            event_type: message.event_type().map(str::to_owned),
        }
    }

    pub(crate) fn raw(raw: &RawNotification) -> Self {
        Self {
            event_store_id: raw.event_store_id.to_string(),
            aggregate_id: raw.event.aggregate_id.clone(),
            version: Some(raw.event.version),
            event_type: Some(raw.event.event_type.to_string()),
        }
    }

    pub(crate) fn aggregate(&self) -> (String, String) {
        (self.event_store_id.clone(), self.aggregate_id.clone())
    }
}

/// A message, ready to be sent.
pub(crate) struct Outgoing {
    source: String,
    detail_type: String,
    detail: String,
}

impl Outgoing {
    /// `mark_replay`: whether the detail says what the detail type does not, that an aggregate-exists message is a replay.
    pub(crate) fn new(
        about: &About,
        json: String,
        replay: bool,
        mark_replay: bool,
    ) -> Result<Self, ReservedEventTypeError> {
        let detail_type = detail_type(about.event_type.as_deref(), replay)?.to_owned();
        let marked = mark_replay && replay && about.event_type.is_none();
        let detail = if marked { with_replay(json) } else { json };
        Ok(Self { source: about.event_store_id.clone(), detail_type, detail })
    }

    /// With a pointer for its detail, if it has more than `threshold` bytes.
    pub(crate) async fn checked_in(
        mut self,
        about: &About,
        claim_check: &dyn ClaimCheck,
        threshold: usize,
    ) -> Result<Self, ClaimCheckError> {
        if self.bytes() > threshold {
            let claimed = ClaimedMessage::new(&about.event_store_id, &about.aggregate_id, about.version);
            self.detail = claim_check.check_in(claimed, std::mem::take(&mut self.detail)).await?;
        }
        Ok(self)
    }

    /// Its size as EventBridge counts it: there is no time, and there are no resources.
    pub(crate) fn bytes(&self) -> usize {
        self.source.len() + self.detail_type.len() + self.detail.len()
    }

    pub(crate) fn entry(&self, event_bus_name: &str) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(event_bus_name)
            .source(&self.source)
            .detail_type(&self.detail_type)
            .detail(&self.detail)
            .build()
    }
}

/// The JSON of a message, which is an object and never empty, with one more key.
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
    /// Without the detail, which may be private.
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

    fn about(event_type: Option<&str>) -> About {
        About {
            event_store_id: "POKEMONS".into(),
            aggregate_id: "pikachu".into(),
            version: event_type.map(|_| 1),
            event_type: event_type.map(str::to_owned),
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
    fn types_that_mean_something_else_are_refused() {
        for event_type in ["__REPLAYED__", "__AGGREGATE_EXISTS__"] {
            for replay in [false, true] {
                let error = Outgoing::new(&about(Some(event_type)), "{}".into(), replay, false).unwrap_err();
                assert_eq!(error, ReservedEventTypeError { event_type });
            }
        }
    }
}
