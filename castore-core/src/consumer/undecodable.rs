use std::fmt;

use serde::Deserialize;

use super::FilterPattern;

/// A message that this program cannot decode: the event type is unknown, a field is missing or has another type, or the
/// body is not in the JSON format of Castore. Another version of the program may have published the message.
///
/// `Debug` omits the content.
#[derive(Clone)]
pub struct UndecodableMessage {
    body: String,
    head: Head,
    replay: bool,
}

/// The parts of a message by which consumers filter.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    event_store_id: Option<String>,
    event: Option<HeadOfEvent>,
}

#[derive(Debug, Clone, Deserialize)]
struct HeadOfEvent {
    #[serde(rename = "type")]
    event_type: Option<String>,
}

impl UndecodableMessage {
    /// Creates an undecodable message from its body. The event store id and the event type are read if possible.
    /// `replay` states whether the message is a replay.
    pub fn new(body: impl Into<String>, replay: bool) -> Self {
        let body = body.into();
        // The derived `Deserialize` would also accept an array.
        let is_object = body.trim_start().starts_with('{');
        let head = if is_object { serde_json::from_str(&body).unwrap_or_default() } else { Head::default() };
        Self { body, head, replay }
    }

    /// Returns the body of the message, which is JSON if castore or the TypeScript package Castore published the
    /// message.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Returns the id of the event store, if the body contains it.
    pub fn event_store_id(&self) -> Option<&str> {
        self.head.event_store_id.as_deref()
    }

    /// Returns the type of the event, if the body contains it.
    pub fn event_type(&self) -> Option<&str> {
        self.head.event.as_ref()?.event_type.as_deref()
    }

    /// Returns whether the message is a replay.
    pub fn is_replay(&self) -> bool {
        self.replay
    }

    /// Returns whether the message passes one of the patterns. A body without an event store id always passes, even if
    /// there are no patterns, because its recipient is unknown. A message without an event type passes the patterns of
    /// its event store, whatever their event types are.
    pub fn passes(&self, patterns: &[FilterPattern]) -> bool {
        let Some(event_store_id) = self.event_store_id() else { return true };
        patterns.iter().any(|pattern| {
            let types = pattern.event_types.as_deref();
            (pattern.on_replay || !self.replay)
                && pattern.event_store_id.is_none_or(|wanted| wanted == event_store_id)
                // A message whose event type cannot be read may be of any type.
                && match (types, self.event_type()) {
                    (Some(types), Some(event_type)) => types.contains(&event_type),
                    _ => true,
                }
        })
    }
}

impl fmt::Debug for UndecodableMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UndecodableMessage")
            .field("event_store_id", &self.event_store_id())
            .field("event_type", &self.event_type())
            .field("replay", &self.replay)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str =
        r#"{"eventStoreId": "POKEMONS", "event": {"aggregateId": "a", "version": 1, "type": "EVOLVED"}}"#;

    fn passes(body: &str, replay: bool, patterns: &[FilterPattern]) -> bool {
        UndecodableMessage::new(body, replay).passes(patterns)
    }

    #[test]
    fn passes_the_patterns_that_a_decoded_message_would_pass() {
        let store = || FilterPattern::event_store("POKEMONS");
        for (pattern, expected) in [
            (FilterPattern::all(), true),
            (store(), true),
            (FilterPattern::event_store("TRAINERS"), false),
            (store().event_types(["EVOLVED", "CAUGHT"]), true),
            (store().event_types(["CAUGHT"]), false),
            (store().event_types([]), false),
        ] {
            assert_eq!(passes(MESSAGE, false, std::slice::from_ref(&pattern)), expected, "{pattern:?}");
            assert!(!passes(MESSAGE, true, std::slice::from_ref(&pattern)), "{pattern:?}");
            assert_eq!(passes(MESSAGE, true, &[pattern.clone().on_replay(true)]), expected, "{pattern:?}");
        }
        assert!(!passes(MESSAGE, false, &[]));
        assert!(passes(MESSAGE, false, &[FilterPattern::event_store("TRAINERS"), store()]));
    }

    #[test]
    fn what_cannot_be_read_passes() {
        let pattern = || [FilterPattern::event_store("POKEMONS").event_types(["CAUGHT"])];
        for body in ["", "no JSON", "[\"POKEMONS\", null]", "{}", r#"{"eventStoreId": 7}"#] {
            assert!(passes(body, false, &pattern()), "{body}");
        }
        assert!(passes(r#"{"eventStoreId": "POKEMONS", "event": {}}"#, false, &pattern()));
        assert!(!passes(r#"{"eventStoreId": "TRAINERS", "event": {}}"#, false, &pattern()));
    }

    #[test]
    fn debug_omits_the_content() {
        let shown = format!("{:?}", UndecodableMessage::new(MESSAGE, false));
        assert!(shown.contains("EVOLVED") && !shown.contains("aggregateId"), "{shown}");
    }
}
