//! Tests that every event that a push accepts can be read, from the store and from messages.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use castore::event::{EncodeEventError, EventOf};
use castore::json::{JsonProblem, MAX_JSON_DEPTH};
use castore::prelude::*;
use castore::storage::{EventStorageAdapter, PushOptions, RawEvent};
use castore::store::push_event_group;
use castore::testing::assert_round_trip;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::support::{chain, timestamp};

#[derive(Debug, Clone, PartialEq, Event)]
pub enum WeatherEvent {
    Measured {
        celsius: f64,
    },
    Gusted {
        speed: Option<f32>,
    },
    Listed {
        hours: Vec<f64>,
        places: BTreeMap<String, f64>,
    },
    Nested(Tree),
    Renamed {
        name: Option<Option<String>>,
    },
    Cleared {
        by: Option<()>,
    },
    Grouped(Grouped),
    Ordered {
        names: HashSet<String>,
        counts: HashMap<String, HashSet<u32>>,
        list: Vec<u32>,
    },
    Rounded {
        #[serde(with = "rounded")]
        celsius: f64,
    },
    Chosen(Untagged),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    kids: Vec<Tree>,
}

fn tree(depth: usize) -> Tree {
    (1..depth).fold(Tree { kids: vec![] }, |tree, _| Tree { kids: vec![tree] })
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Grouped {
    ByNumber { counts: HashMap<u32, u32> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Untagged {
    Small(u8),
    Large(u64),
}

/// Serde functions that lose precision when they write a value, but not when they read it. Therefore the stored value
/// is read back unchanged.
mod rounded {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(celsius: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(celsius.round())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        f64::deserialize(deserializer)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Station {
    height: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<Option<String>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "WEATHER", event = WeatherEvent, metadata = Station)]
pub struct Weather {
    pub average: f64,
}

impl Reducer for Weather {
    fn reduce(weather: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let average = weather.map_or(0.0, |weather| weather.average);
        Ok(match &event.payload {
            // Overflows to infinity for large values.
            WeatherEvent::Measured { celsius } => Self { average: average + celsius * 2.0 },
            _ => Self { average },
        })
    }
}

message_channel! {
    type WeatherBus = NotificationMessageBus<Weather>;
    type WeatherQueue = StateCarryingMessageQueue<Weather>;
}

fn store() -> EventStore<Weather> {
    EventStore::new(InMemoryEventStorageAdapter::new())
}

async fn refused(event: NewEvent<Weather>) -> EncodeEventError {
    let weather = store();
    let PushEventError::Encode { source, version, .. } = weather.push_event(event).await.unwrap_err() else {
        panic!("the event is refused for another reason")
    };
    assert_eq!(version, 1);
    assert!(weather.get_events("w").await.unwrap().is_empty(), "nothing is stored");
    *source
}

fn event(payload: impl EventOf<Weather>) -> NewEvent<Weather> {
    NewEvent::new("w", 1, payload)
}

#[tokio::test]
async fn not_finite_numbers_are_refused() {
    use WeatherEvent::*;
    for (payload, path) in [
        (Measured { celsius: f64::NAN }, "payload.celsius"),
        (Measured { celsius: f64::INFINITY }, "payload.celsius"),
        (Gusted { speed: Some(f32::NEG_INFINITY) }, "payload.speed"),
        (Listed { hours: vec![1.0, f64::NAN], places: BTreeMap::new() }, "payload.hours[1]"),
        (Listed { hours: vec![], places: BTreeMap::from([("s3cr3t".to_owned(), f64::NAN)]) }, "payload.places.*"),
    ] {
        let error = refused(event(payload)).await;
        let EncodeEventError::Json(json) = &error else { panic!("{error}") };
        assert_eq!((&*json.path, matches!(json.problem, JsonProblem::NotFinite)), (path, true));
        assert_eq!(error.to_string(), format!("`{path}` is NaN or infinite, which JSON cannot represent"));
    }
}

#[tokio::test]
async fn not_finite_numbers_in_metadata_are_refused() {
    let station = Station { height: Some(f64::INFINITY), owner: None };
    let error = refused(event(WeatherEvent::Measured { celsius: 1.0 }).metadata(station)).await;
    assert_eq!(error.to_string(), "`metadata.height` is NaN or infinite, which JSON cannot represent");
}

#[tokio::test]
async fn group_with_a_refused_event_is_not_stored() {
    let weather = store();
    let good = weather.group_event(event(WeatherEvent::Measured { celsius: 1.0 }));
    let bad = weather.group_event(NewEvent::new("x", 1, WeatherEvent::Measured { celsius: f64::NAN }));
    let error = push_event_group((good, bad)).await.unwrap_err();
    let texts = chain(&error);
    assert_eq!(texts[0], "version 1 of WEATHER aggregate x cannot be stored as JSON");
    assert!(texts[1].starts_with("`payload.celsius` is NaN"), "{texts:?}");
    assert!(weather.get_events("w").await.unwrap().is_empty());
}

#[test]
fn messages_with_not_finite_numbers_are_not_written() {
    let detail = |celsius| {
        EventDetail::<Weather>::new("w".to_owned(), 1, timestamp("2024-01-01"), WeatherEvent::Measured { celsius })
    };
    let message = WeatherBusMessage::from(NotificationMessage { event: detail(f64::NAN) });
    let error = serde_json::to_string(&message).unwrap_err().to_string();
    assert_eq!(error, "`payload.celsius` is NaN or infinite, which JSON cannot represent");

    let aggregate = Aggregate { aggregate_id: "w".to_owned(), version: 1, state: Weather { average: f64::INFINITY } };
    let message = WeatherQueueMessage::from(StateCarryingMessage { event: detail(f64::MAX), aggregate });
    let error = serde_json::to_string(&message).unwrap_err().to_string();
    assert_eq!(error, "`state.average` is NaN or infinite, which JSON cannot represent");
}

/// The deepest payload that a push accepts can be read.
#[tokio::test]
async fn deepest_payload_is_read_from_the_store_and_from_messages() {
    let weather = store();
    let payload = WeatherEvent::Nested(tree(MAX_JSON_DEPTH / 2));
    weather.push_event(event(payload.clone())).await.unwrap();
    let events = weather.get_events("w").await.unwrap();
    assert_eq!(events[0].payload, payload);

    let message = WeatherBusMessage::from(NotificationMessage { event: events[0].clone() });
    let text = serde_json::to_string(&message).unwrap();
    let WeatherBusMessage::Weather(read) = serde_json::from_str(&text).unwrap();
    assert_eq!(read.event, events[0]);
    // The JSON can also be parsed with the further objects that brokers and rules wrap around a message.
    serde_json::from_str::<serde_json::Value>(&format!(r#"{{"Records":[{{"detail":{{"x":{text}}}}}]}}"#)).unwrap();
}

#[tokio::test]
async fn deeper_payload_is_refused() {
    let error = refused(event(WeatherEvent::Nested(tree(MAX_JSON_DEPTH / 2 + 1)))).await;
    let EncodeEventError::Json(json) = &error else { panic!("{error}") };
    assert!(matches!(json.problem, JsonProblem::TooDeep), "{error}");
    assert!(error.to_string().ends_with("is nested deeper than 120 levels of arrays and objects"), "{error}");
}

#[tokio::test]
async fn stored_payload_that_is_nested_too_deeply_is_reported_as_such() {
    let depth = 65;
    let payload = format!("{}{}", r#"{"kids":["#.repeat(depth), "]}".repeat(depth));
    let storage = InMemoryEventStorageAdapter::new();
    let raw = RawEvent {
        aggregate_id: "w".to_owned(),
        version: 1,
        event_type: "Nested".into(),
        timestamp: timestamp("2024-01-01"),
        payload: Some(RawValue::from_string(payload).unwrap()),
        metadata: None,
    };
    storage.push_event("WEATHER", raw, PushOptions::default()).await.unwrap();
    let error = EventStore::<Weather>::new(storage).get_events("w").await.unwrap_err().to_string();
    assert!(error.contains("nested deeper than 127 levels"), "{error}");
}

/// Debug builds read back the JSON that they write, and therefore detect events that would be read as other events.
#[cfg(debug_assertions)]
#[tokio::test]
async fn events_that_would_be_read_as_others_are_refused() {
    use WeatherEvent::*;
    for (payload, path) in [
        (Renamed { name: Some(None) }, "payload.name"),
        (Cleared { by: Some(()) }, "payload.by"),
        (Chosen(Untagged::Large(5)), "payload"),
    ] {
        let error = refused(event(payload)).await;
        assert!(matches!(&error, EncodeEventError::ReadsAsAnotherValue { path: found } if found == path), "{error}");
    }
    let error = refused(event(Grouped(self::Grouped::ByNumber { counts: HashMap::from([(1, 1)]) }))).await;
    assert_eq!(
        error.to_string(),
        "the event cannot be read back from its JSON: the payload does not match the event type (found a string, expected u32)"
    );
    let station = Station { height: None, owner: Some(None) };
    let error = refused(event(Measured { celsius: 1.0 }).metadata(station)).await;
    assert!(matches!(&error, EncodeEventError::ReadsAsAnotherValue { path } if path == "metadata.owner"), "{error}");
}

#[tokio::test]
async fn events_with_sets_and_maps_and_lossy_fields_are_accepted() {
    use WeatherEvent::*;
    let names = || (0..50).map(|number| number.to_string());
    let counts = names().map(|name| (name, (0..20).collect())).collect();
    for payload in [
        Ordered { names: names().collect(), counts, list: vec![3, 1, 2] },
        Rounded { celsius: 20.4 },
        Measured { celsius: -0.0 },
        Measured { celsius: f64::MIN_POSITIVE },
        Gusted { speed: Some(0.1) },
        Renamed { name: Some(Some(String::new())) },
        Chosen(Untagged::Large(u64::MAX)),
    ] {
        assert_round_trip(payload.clone());
        store().push_event(event(payload)).await.unwrap();
    }
}

/// An aggregate id whose `Display` omits a part of the id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LossyId(String, u8);

impl fmt::Display for LossyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for LossyId {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned(), 0))
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum LossyEvent {
    Happened,
}

#[derive(Debug, Clone, PartialEq)]
#[event_store(id = "LOSSY", event = LossyEvent, aggregate_id = LossyId)]
pub struct Lossy;

impl Reducer for Lossy {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

#[cfg(debug_assertions)]
#[tokio::test]
async fn ids_that_would_be_read_as_others_are_refused() {
    let lossy = EventStore::<Lossy>::new(InMemoryEventStorageAdapter::new());
    lossy.push_event(NewEvent::new(LossyId("a".to_owned(), 0), 1, LossyEvent::Happened)).await.unwrap();
    let event = NewEvent::new(LossyId("b".to_owned(), 1), 1, LossyEvent::Happened);
    let error = lossy.push_event(event).await.unwrap_err();
    let PushEventError::Encode { source, .. } = error else { panic!("{error}") };
    assert!(matches!(*source, EncodeEventError::AggregateId), "{source}");
}

#[test]
#[should_panic(
    expected = "an event of type Renamed cannot be stored: reading `payload.name` would return a different value"
)]
fn assert_round_trip_panics_for_a_difference() {
    assert_round_trip(WeatherEvent::Renamed { name: Some(None) });
}

#[test]
#[should_panic(expected = "`payload.celsius` is NaN or infinite")]
fn assert_round_trip_panics_for_nan() {
    assert_round_trip(WeatherEvent::Measured { celsius: f64::NAN });
}

#[tokio::test]
async fn next_event_after_the_last_version_is_refused() {
    let aggregate: Aggregate<Weather> =
        Aggregate { aggregate_id: "w".to_owned(), version: u64::MAX, state: Weather { average: 0.0 } };
    let next = aggregate.next_event(WeatherEvent::Measured { celsius: 1.0 });
    assert_eq!(next.version, u64::MAX);
    let weather = store();
    weather.push_event(next.clone()).await.unwrap_err();
    assert!(weather.get_events("w").await.unwrap().is_empty());
}
