use std::any::TypeId;
use std::collections::BTreeSet;
use std::fmt;

use castore_core::channel::MessageBus;
use castore_core::consumer::{ChannelFilter, FilterPattern, Listeners};
use castore_core::message::AggregateExists;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::wanted::{Types, Wanted, by_event_stores};
use crate::entry::{AGGREGATE_EXISTS, REPLAY_KEY, REPLAYED};

/// The event pattern of a rule that delivers the messages that a filter passes.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../castore/src/guide/domain.rs"));
/// # use castore_event_bridge::EventPattern;
/// # fn main() {
/// let appeared = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
/// let pattern = EventPattern::of_filter::<AppBus>(&appeared);
/// assert_eq!(pattern.to_string(), r#"{"source":["POKEMONS"],"detail-type":["APPEARED"]}"#);
/// # }
/// ```
///
/// Equal filters give the same text in any order, so that the pattern can be stored with the infrastructure code and
/// compared in a test. [`Rule`](crate::Rule) deploys it.
///
/// # Matched messages
/// The pattern matches only messages of the bus's own kind and event stores, and of these exactly those that the filter
/// passes, with two exceptions:
///
/// * Messages that are stored with a [claim check](crate::EventBridgeAdapterBuilder::claim_check) only show their
///   event store and, unless they are replays, their event type. Their replays match if the filter passes any replay
///   of their event store. Consumers have to check them again, which [`Listeners`] do automatically.
/// * Replayed aggregate-exists messages match like live ones, unless their publisher
///   [marks](crate::EventBridgeAdapterBuilder::mark_replays_in_detail) them.
///
/// # Limits
/// EventBridge accepts patterns of up to 2048 characters (4096 on request). A pattern with `$or` may have up to 1000
/// combinations, and this pattern has as many as [`rules`](Self::into_rules). A longer pattern can be split into
/// these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPattern {
    /// An event matches at most one of these.
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

    /// Returns the pattern of all filters of the given listeners.
    pub fn of_listeners<C: MessageBus>(listeners: &Listeners<C>) -> Self {
        Self::of_patterns::<C>(&listeners.patterns())
    }

    /// Returns the pattern of filters as data. A message matches if any of the filters passes it.
    pub fn of_patterns<C: MessageBus>(filters: &[FilterPattern]) -> Self {
        let sources = C::SOURCES.iter().map(|source| source.event_store_id());
        let carries_events = TypeId::of::<C::Kind>() != TypeId::of::<AggregateExists>();
        let mut alternatives = Vec::new();
        for (event_stores, wanted) in by_event_stores(sources, filters) {
            if carries_events {
                events(&mut alternatives, &event_stores, &wanted);
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

    /// Splits the pattern into several patterns without `$or`, for several rules with the same target. An event
    /// matches at most one of them, so that it is delivered once.
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

/// Adds the patterns of messages with an event. The event type of a replay is only in its detail.
fn events(alternatives: &mut Vec<Alternative>, event_stores: &BTreeSet<&str>, wanted: &Wanted) {
    let mut add = |detail_type: Value, detail: Option<Value>| {
        alternatives.push(Alternative { source: json!(event_stores), detail_type: Some(detail_type), detail });
    };
    let all_replays = wanted.replayed == Types::All;
    match &wanted.live {
        Types::All if all_replays => add(json!([{ "anything-but": [AGGREGATE_EXISTS] }]), None),
        Types::All => add(json!([{ "anything-but": [AGGREGATE_EXISTS, REPLAYED] }]), None),
        Types::These(types) => add(json!(types), None),
    }
    match &wanted.replayed {
        Types::These(types) if !types.is_empty() => {
            // A replay without an event type is a pointer to a message that is stored elsewhere.
            let types = types.iter().map(|event_type| json!(event_type));
            let types: Vec<_> = types.chain([json!({ "exists": false })]).collect();
            add(json!([REPLAYED]), Some(json!({ "event": { "type": types } })));
        }
        // Either there are no replays to match, or the pattern of live messages includes them.
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
