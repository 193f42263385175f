use std::any::TypeId;
use std::collections::BTreeSet;
use std::fmt;

use castore_core::channel::MessageBus;
use castore_core::consumer::{ChannelFilter, FilterPattern, Listeners};
use castore_core::message::{AggregateExists, StateCarrying};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::wanted::{Types, Wanted, by_event_stores};
use crate::entry::{AGGREGATE_EXISTS, POINTER_KEY, REPLAY_KEY, REPLAYED};

/// The event pattern of a rule. The pattern matches the messages that the filter of a listener passes.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../castore/src/guide/domain.rs"));
/// # use castore_event_bridge::EventPattern;
/// # fn main() {
/// let appeared = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
/// let pattern = EventPattern::of_filter::<AppBus>(&appeared);
/// assert_eq!(pattern.to_string(), r#"{"source":["POKEMONS"],"detail-type":["APPEARED"],"detail":{"aggregate":{"version":[{"exists":false}]}}}"#);
/// # }
/// ```
///
/// The text of the pattern does not depend on the order of the filters. Therefore the text can be stored with the
/// infrastructure code and compared in a test. [`Rule`](crate::Rule) deploys a rule with the pattern.
///
/// # Matching messages
/// The pattern matches a message if the message has the kind of the bus, comes from an event store of the bus, and
/// passes the filter. The exceptions are listed below. An EventBridge bus can carry messages of all kinds, so the
/// pattern also checks the kind. The detail of a state-carrying message has the field `aggregate.version`, and the
/// detail of a notification does not.
///
/// * For messages that are stored with a [claim check](crate::EventBridgeAdapterBuilder::claim_check), the rule cannot
///   see the kind. Stored notifications and stored state-carrying messages match the patterns of both kinds. If
///   messages of both kinds are stored, use two event buses, or two event stores.
/// * For replayed messages that are stored with a claim check, the rule cannot see the event type either. Such messages
///   match if any replay of their event store matches, so the listener must filter again. [`Listeners`] do this
///   automatically.
/// * Replayed aggregate-exists messages match like live ones, unless their publisher
///   [marks](crate::EventBridgeAdapterBuilder::mark_replays_in_detail) them.
///
/// # Limits
/// EventBridge accepts patterns of up to 2048 characters (4096 on request). A pattern with `$or` may have up to 1000
/// combinations. This pattern has one combination for each pattern that [`into_rules`](Self::into_rules) returns. Use
/// `into_rules` to split a pattern that exceeds a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPattern {
    /// The alternative patterns. An event matches at most one of them.
    alternatives: Vec<Alternative>,
}

/// A pattern without `$or`. The order of its fields is independent of the features of `serde_json`, so that the text
/// is stable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Alternative {
    source: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail_type: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Value>,
}

#[derive(Serialize)]
struct Or<'a> {
    #[serde(rename = "$or")]
    alternatives: &'a [Alternative],
}

impl EventPattern {
    /// Returns the pattern of a filter, or of several filters in an array, a `Vec` or a tuple.
    pub fn of_filter<C: MessageBus>(filter: &impl ChannelFilter<C>) -> Self {
        Self::of_patterns::<C>(&filter.patterns())
    }

    /// Returns the pattern of the given listeners, which matches the messages that any of the filters passes.
    pub fn of_listeners<C: MessageBus>(listeners: &Listeners<C>) -> Self {
        Self::of_patterns::<C>(&listeners.patterns())
    }

    /// Returns the pattern of filters that are given as data. A message matches if any of the filters passes it.
    pub fn of_patterns<C: MessageBus>(filters: &[FilterPattern]) -> Self {
        let sources = C::SOURCES.iter().map(|source| source.event_store_id());
        let kind = TypeId::of::<C::Kind>();
        let carries_events = kind != TypeId::of::<AggregateExists>();
        let carried = if kind == TypeId::of::<StateCarrying>() { Carried::EventAndState } else { Carried::Event };
        let mut alternatives = Vec::new();
        for (event_stores, wanted) in by_event_stores(sources, filters) {
            if carries_events {
                events(&mut alternatives, &event_stores, &wanted, carried);
            } else {
                aggregates(&mut alternatives, &event_stores, &wanted);
            }
        }
        if alternatives.is_empty() {
            // Every event has a source, so this pattern matches no event.
            let source = json!([{ "exists": false }]);
            alternatives.push(Alternative { source, detail_type: None, detail: None });
        }
        Self { alternatives }
    }

    /// Returns the pattern as JSON.
    pub fn to_json(&self) -> Value {
        // The conversion cannot fail.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Splits the pattern into several patterns without `$or`, for several rules with the same target. An event matches
    /// at most one of the patterns, so it is delivered once.
    pub fn into_rules(self) -> Vec<Self> {
        self.alternatives.into_iter().map(|alternative| Self { alternatives: vec![alternative] }).collect()
    }
}

impl Serialize for EventPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.alternatives[..] {
            [alternative] => alternative.serialize(serializer),
            alternatives => Or { alternatives }.serialize(serializer),
        }
    }
}

/// Writes the pattern as JSON text.
impl fmt::Display for EventPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl From<EventPattern> for Value {
    fn from(pattern: EventPattern) -> Self {
        pattern.to_json()
    }
}

/// The content that the messages of a bus carry. Patterns distinguish the kinds of messages by this content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carried {
    Event,
    EventAndState,
}

impl Carried {
    /// Returns patterns for the detail. A message of this kind with one of the event types matches one of the patterns,
    /// and so does a pointer to a stored message. A message of another kind matches no pattern, unless it is stored
    /// with a claim check. Keys are in alphabetical order.
    fn details(self, event_types: Option<&BTreeSet<&'static str>>) -> Vec<Value> {
        let exists = |exists: bool| json!([{ "exists": exists }]);
        let is_of_kind = json!({ "version": exists(self == Self::EventAndState) });
        let types = event_types.map(|types| types.iter().map(|event_type| json!(event_type)).collect::<Vec<_>>());
        match (self, types) {
            (Self::Event, None) => vec![json!({ "aggregate": is_of_kind })],
            (Self::Event, Some(mut types)) => {
                // A detail without an event type is a pointer.
                types.push(json!({ "exists": false }));
                vec![json!({ "aggregate": is_of_kind, "event": { "type": types } })]
            }
            (Self::EventAndState, types) => {
                let shown = match types {
                    None => json!({ "aggregate": is_of_kind }),
                    Some(types) => json!({ "aggregate": is_of_kind, "event": { "type": types } }),
                };
                vec![shown, json!({ POINTER_KEY: exists(true) })]
            }
        }
    }
}

/// Adds the patterns of messages that carry an event. The detail type of a live message is its event type. The detail
/// type of a replayed message is `__REPLAYED__`, so its event type is only in the detail.
fn events(alternatives: &mut Vec<Alternative>, event_stores: &BTreeSet<&str>, wanted: &Wanted, carried: Carried) {
    let mut add = |detail_type: Value, event_types: Option<&BTreeSet<&'static str>>| {
        alternatives.extend(carried.details(event_types).into_iter().map(|detail| Alternative {
            source: json!(event_stores),
            detail_type: Some(detail_type.clone()),
            detail: Some(detail),
        }));
    };
    let all_replays = wanted.replayed == Types::All;
    match &wanted.live {
        Types::All if all_replays => add(json!([{ "anything-but": [AGGREGATE_EXISTS] }]), None),
        Types::All => add(json!([{ "anything-but": [AGGREGATE_EXISTS, REPLAYED] }]), None),
        Types::These(types) => add(json!(types), None),
    }
    match &wanted.replayed {
        Types::These(types) if !types.is_empty() => add(json!([REPLAYED]), Some(types)),
        // Either no replays are wanted, or the alternatives above include all replays.
        Types::These(_) | Types::All => {}
    }
}

/// Adds the patterns of messages without an event, which have no event type to filter by.
fn aggregates(alternatives: &mut Vec<Alternative>, event_stores: &BTreeSet<&str>, wanted: &Wanted) {
    if wanted.live == Types::All {
        let unmarked = || json!({ REPLAY_KEY: [{ "exists": false }] });
        let detail = if wanted.replayed == Types::All { None } else { Some(unmarked()) };
        let detail_type = Some(json!([AGGREGATE_EXISTS]));
        alternatives.push(Alternative { source: json!(event_stores), detail_type, detail });
    }
}
