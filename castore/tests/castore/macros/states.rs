//! Tests of states of all shapes. In the JSON of an aggregate, the keys of the state are beside the id and the version.

use std::collections::{BTreeMap, HashMap};

use castore::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::json as as_json;

#[derive(Debug, Clone, PartialEq, Event)]
pub enum StateEvent {
    Happened,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "camelCase")]
#[event_store(id = "INTERNAL", event = StateEvent)]
pub enum Internal {
    Open,
    Closed { reason: String, marks: HashMap<String, u32> },
    Wrapped(Inner),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inner {
    x: u32,
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum ExternalEvent {
    Happened,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "EXTERNAL", event = ExternalEvent)]
pub enum External {
    Fields { x: u32 },
    Newtype(Inner),
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum AdjacentEvent {
    Happened,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
#[event_store(id = "ADJACENT", event = AdjacentEvent)]
pub enum Adjacent {
    Unit,
    Fields { x: u32 },
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum WideEvent {
    Happened,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[event_store(id = "WIDE", event = WideEvent)]
pub struct Wide {
    by_number: HashMap<u32, String>,
    nested: Option<Box<Internal>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    absent: Option<u8>,
    #[serde(flatten)]
    inner: Inner,
    big: u64,
    signed: i64,
}

macro_rules! reducers {
    ($($state:ident)+) => {$(
        impl Reducer for $state {
            fn reduce(state: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                state.ok_or_else(|| event.unexpected())
            }
        }
    )+};
}
reducers!(Internal External Adjacent Wide);

#[track_caller]
fn check<S>(state: S, wanted: Value)
where
    S: EventSourced<AggregateId = String> + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let aggregate = Aggregate { aggregate_id: "a".to_owned(), version: 3, state };
    let mut flat = json!({"aggregateId": "a", "version": 3});
    flat.as_object_mut().unwrap().extend(wanted.as_object().unwrap().clone());
    assert_eq!(as_json(&aggregate), flat);
    assert_eq!(serde_json::to_value(&aggregate).unwrap(), flat);
    // Decodes the JSON with sorted keys, and with the keys in the order in which they are written.
    let text = serde_json::to_string(&aggregate).unwrap();
    for text in [flat.to_string(), text] {
        assert_eq!(serde_json::from_str::<Aggregate<S>>(&text).unwrap(), aggregate);
        assert_eq!(serde_json::from_reader::<_, Aggregate<S>>(text.as_bytes()).unwrap(), aggregate);
    }
    assert_eq!(serde_json::from_value::<Aggregate<S>>(flat).unwrap(), aggregate);
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum PrefsEvent {
    Happened,
}

/// A state whose keys the users choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "PREFS", event = PrefsEvent)]
pub struct Prefs(BTreeMap<String, u64>);

#[derive(Debug, Clone, PartialEq, Event)]
pub enum SurveyEvent {
    Happened,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "SURVEY", event = SurveyEvent)]
pub struct Survey {
    title: String,
    #[serde(flatten)]
    answers: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum WideVariantEvent {
    Happened,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "WIDE_VARIANT", event = WideVariantEvent)]
pub enum WideVariant {
    Named { big: u128 },
    Tuple(i128, u8),
}

reducers!(Prefs Survey WideVariant);

/// If a state could have a reserved key, the JSON would contain the key twice. A reader uses the last of two equal
/// keys, so a user could forge the version or the id of the aggregate.
#[test]
fn reserved_keys_are_refused_when_a_state_is_written() {
    let keys = |key: &str| BTreeMap::from([(key.to_owned(), 9)]);
    check(Prefs(keys("Version")), json!({"Version": 9}));
    check(Survey { title: "t".to_owned(), answers: keys("aggregate_id") }, json!({"title": "t", "aggregate_id": 9}));
    for key in ["version", "aggregateId"] {
        let prefs = Aggregate { aggregate_id: "a".to_owned(), version: 3, state: Prefs(keys(key)) };
        let state = Survey { title: "t".to_owned(), answers: keys(key) };
        let survey = Aggregate { aggregate_id: "a".to_owned(), version: 3, state };
        let expected = format!("the state has the key `{key}`, which is reserved for the aggregate");
        assert_eq!(serde_json::to_string(&prefs).unwrap_err().to_string(), expected);
        assert_eq!(serde_json::to_string(&survey).unwrap_err().to_string(), expected);
        assert_eq!(serde_json::to_value(&survey).unwrap_err().to_string(), expected);
    }
}

#[test]
fn variants_keep_wide_integers() {
    for state in [WideVariant::Named { big: u128::MAX }, WideVariant::Tuple(i128::MIN, 1)] {
        let aggregate = Aggregate { aggregate_id: "a".to_owned(), version: 3, state };
        let text = serde_json::to_string(&aggregate).unwrap();
        assert_eq!(serde_json::from_str::<Aggregate<WideVariant>>(&text).unwrap(), aggregate, "{text}");
    }
}

#[test]
fn states_are_flat() {
    check(Internal::Open, json!({"status": "open"}));
    let marks = HashMap::from([("7".to_owned(), 8)]);
    check(
        Internal::Closed { reason: "r".to_owned(), marks },
        json!({"status": "closed", "reason": "r", "marks": {"7": 8}}),
    );
    check(Internal::Wrapped(Inner { x: 1 }), json!({"status": "wrapped", "x": 1}));
    check(External::Fields { x: 1 }, json!({"Fields": {"x": 1}}));
    check(External::Newtype(Inner { x: 2 }), json!({"Newtype": {"x": 2}}));
    check(Adjacent::Unit, json!({"t": "Unit"}));
    check(Adjacent::Fields { x: 1 }, json!({"t": "Fields", "c": {"x": 1}}));
    let wide = Wide {
        by_number: HashMap::from([(1, "one".to_owned())]),
        nested: Some(Box::new(Internal::Open)),
        absent: None,
        inner: Inner { x: 9 },
        big: u64::MAX,
        signed: i64::MIN,
    };
    let wanted = json!({
        "byNumber": {"1": "one"}, "nested": {"status": "open"}, "x": 9, "big": u64::MAX, "signed": i64::MIN
    });
    check(wide, wanted);
}

#[test]
fn invalid_aggregate_is_rejected() {
    for broken in [
        json!({"version": 1, "status": "open"}),
        json!({"aggregateId": "a", "status": "open"}),
        json!({"aggregateId": "a", "version": 1}),
        json!({"aggregateId": "a", "version": -1, "status": "open"}),
        json!({"aggregateId": "a", "version": 1, "status": "ajar"}),
        json!([]),
        json!(null),
    ] {
        assert!(serde_json::from_value::<Aggregate<Internal>>(broken.clone()).is_err(), "{broken}");
        assert!(serde_json::from_str::<Aggregate<Internal>>(&broken.to_string()).is_err(), "{broken}");
    }
}

#[test]
fn an_aggregate_derefs_to_its_state() {
    let mut aggregate: Aggregate<Wide> = serde_json::from_value(json!({
        "aggregateId": "a", "version": 1, "byNumber": {}, "nested": null, "x": 1, "big": 0, "signed": 0
    }))
    .unwrap();
    aggregate.big += 1;
    assert_eq!((aggregate.big, aggregate.version), (1, 1));
}
