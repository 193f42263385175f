//! Tests that serde attributes on fields, variants and event enums have the same meaning as in serde.

use castore::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::support::{json as as_json, timestamp};

mod as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(number: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A type that is not serializable.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Opaque(u32);

mod opaque {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Opaque;

    pub fn serialize<S: Serializer>(opaque: &Opaque, serializer: S) -> Result<S::Ok, S::Error> {
        opaque.0.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Opaque, D::Error> {
        u32::deserialize(deserializer).map(Opaque)
    }
}

fn one() -> u32 {
    1
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inner {
    deep: bool,
}

#[derive(Debug, Clone, PartialEq, Event)]
#[serde(rename_all_fields = "camelCase")]
pub enum FieldEvent {
    /// Renamed by `rename_all_fields`.
    Camel {
        first_name: String,
    },
    #[serde(rename_all = "SCREAMING-KEBAB-CASE")]
    Kebab {
        last_name: String,
    },
    Renamed {
        #[serde(rename = "NAME", alias = "oldName")]
        name: String,
    },
    Defaults {
        #[serde(default)]
        tags: Vec<String>,
        #[serde(default = "one", skip_serializing_if = "is_zero")]
        count: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        #[serde(skip)]
        cache: Opaque,
    },
    With {
        #[serde(with = "as_text")]
        number: u32,
        #[serde(with = "opaque")]
        opaque: Opaque,
        #[serde(serialize_with = "opaque::serialize", deserialize_with = "opaque::deserialize")]
        other: Opaque,
    },
    Flattened {
        id: u32,
        #[serde(flatten)]
        inner: Inner,
        #[serde(flatten)]
        rest: Map<String, Value>,
    },
    NewtypeWith(#[serde(with = "as_text")] u32),
    #[serde(with = "opaque")]
    VariantWith(Opaque),
}

#[derive(Debug, Clone, PartialEq)]
#[event_store(id = "FIELDS", event = FieldEvent)]
pub struct Field;

impl Reducer for Field {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

/// An event enum that also derives serde's traits for an API. Serde's names are those of the API, not those of events.
#[derive(Debug, Clone, PartialEq, Event, Serialize, Deserialize)]
#[event(own_serde = true)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ApiEvent {
    #[serde(rename = "gone")]
    HasLeft { reason_code: u32 },
    #[serde(alias = "was_back")]
    IsBack,
}

#[derive(Debug, Clone, PartialEq)]
#[event_store(id = "API", event = ApiEvent)]
pub struct Api;

impl Reducer for Api {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

#[test]
fn own_serde_derive_has_its_own_names() {
    let left = ApiEvent::HasLeft { reason_code: 7 };
    assert_eq!(as_json(&left), json!({"kind": "gone", "reasonCode": 7}));
    let timestamp = timestamp("2024-01-01");
    let event = EventDetail::<Api>::new("a".to_owned(), 1, timestamp, left);
    let stored = as_json(&event);
    assert_eq!((&stored["type"], &stored["payload"]), (&json!("HasLeft"), &json!({"reasonCode": 7})));
    assert_eq!(serde_json::from_value::<EventDetail<Api>>(stored).unwrap(), event);
    assert_eq!(ApiEvent::IsBack.event_type().as_str(), "IsBack");
}

fn detail(payload: FieldEvent) -> EventDetail<Field> {
    let timestamp = timestamp("2024-01-01");
    EventDetail::new("f".to_owned(), 1, timestamp, payload)
}

fn parse(event_type: &str, payload: Value) -> Result<FieldEvent, serde_json::Error> {
    let event = json!({
        "aggregateId": "f", "version": 1, "type": event_type, "timestamp": "2024-01-01T00:00:00.000Z",
        "payload": payload
    });
    let from_value = serde_json::from_value::<EventDetail<Field>>(event.clone())?;
    assert_eq!(serde_json::from_str::<EventDetail<Field>>(&event.to_string())?, from_value);
    Ok(from_value.payload)
}

#[track_caller]
fn check(payload: FieldEvent, wanted: Value) {
    let event = detail(payload.clone());
    assert_eq!(as_json(&event)["payload"], wanted);
    assert_eq!(parse(event.event_type().as_str(), wanted).unwrap(), payload);
}

#[test]
fn names() {
    check(FieldEvent::Camel { first_name: "c".into() }, json!({"firstName": "c"}));
    check(FieldEvent::Kebab { last_name: "k".into() }, json!({"LAST-NAME": "k"}));
    check(FieldEvent::Renamed { name: "r".into() }, json!({"NAME": "r"}));
    assert_eq!(parse("Renamed", json!({"oldName": "r"})).unwrap(), FieldEvent::Renamed { name: "r".into() });
    assert!(parse("Renamed", json!({"name": "r"})).is_err());
}

#[test]
fn defaults_and_what_is_skipped() {
    let event = |tags: Vec<String>, count, note| FieldEvent::Defaults { tags, count, note, cache: Opaque(0) };
    check(event(vec![], 1, Some("n".into())), json!({"tags": [], "count": 1, "note": "n"}));
    assert_eq!(parse("Defaults", json!({})).unwrap(), event(vec![], 1, None));
    let skipped = FieldEvent::Defaults { tags: vec![], count: 0, note: None, cache: Opaque(7) };
    assert_eq!(as_json(&detail(skipped))["payload"], json!({"tags": []}));
}

#[test]
fn by_hand() {
    let event = FieldEvent::With { number: 5, opaque: Opaque(6), other: Opaque(7) };
    check(event, json!({"number": "5", "opaque": 6, "other": 7}));
    check(FieldEvent::NewtypeWith(8), json!("8"));
    check(FieldEvent::VariantWith(Opaque(9)), json!(9));
}

#[test]
fn flattened() {
    let rest = Map::from_iter([("more".to_owned(), json!([1]))]);
    check(
        FieldEvent::Flattened { id: 1, inner: Inner { deep: true }, rest },
        json!({"id": 1, "deep": true, "more": [1]}),
    );
}

/// An event enum that also derives serde's traits. The serde attributes of its fields apply to events, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(rename_all = "camelCase")]
#[serde(deny_unknown_fields)]
pub enum BothEvent {
    StrictlyThis {
        #[serde(rename = "n")]
        number: u32,
    },
    Other,
}

#[derive(Debug, Clone, PartialEq)]
#[event_store(id = "BOTH", event = BothEvent)]
pub struct Both;

impl Reducer for Both {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

#[test]
fn serde_derives_on_the_enum_are_independent() {
    let payload = BothEvent::StrictlyThis { number: 1 };
    assert_eq!(as_json(&payload), json!({"StrictlyThis": {"n": 1}}), "serde's own, with serde's names");
    let event = as_json(&NotificationMessage::<Both> {
        event: EventDetail::new("b".into(), 1, timestamp("2024-01-01"), payload),
    })["event"]
        .clone();
    assert_eq!((&event["type"], &event["payload"]), (&json!("strictlyThis"), &json!({"n": 1})));
    let mut more = event;
    more["payload"]["m"] = json!(2);
    assert!(serde_json::from_value::<EventDetail<Both>>(more).is_err());
}
