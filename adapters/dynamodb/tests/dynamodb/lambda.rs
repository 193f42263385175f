//! The handler of a Lambda function, with events in Lambda's format.

use std::time::Duration;

use castore_core::channel::MessageChannel;
use castore_core::storage::{EventStorageAdapter, GetEventsOptions};
use castore_dynamodb::{
    DynamoDbRelayError, LambdaStreamEvent, LambdaStreamHandler, LambdaStreamRecord, ParseImageError, StreamChange,
};
use castore_runtime::event_store::Store;
use serde_json::{Value, json};

use crate::broker::{Broker, Verdict};
use crate::canned::{Canned, error};
use crate::domain::{AppBus, Stores};
use crate::support::{with_stream, with_table};

/// Returns the event with which Lambda invokes a function for these records.
pub(crate) fn invocation(records: Vec<Value>) -> LambdaStreamEvent {
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

fn record(name: &str, number: u64, key: &str, version: u64, image: Option<Value>) -> Value {
    let keys = json!({ "aggregateId": { "S": key }, "version": { "N": version.to_string() } });
    let mut content = json!({
        "ApproximateCreationDateTime": 1_709_210_096.0, "Keys": keys, "SequenceNumber": number.to_string(),
        "SizeBytes": 99, "StreamViewType": "NEW_IMAGE",
    });
    if let Some(image) = image {
        content["NewImage"] = image;
    }
    json!({
        "eventID": "c9fbe7d0261a5163fcb6940593e41797", "eventName": name, "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "us-east-1", "dynamodb": content,
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:111111111111:table/events/stream/2024",
    })
}

fn image(key: &str, version: u64) -> Value {
    json!({
        "aggregateId": { "S": key }, "version": { "N": version.to_string() }, "type": { "S": "COUNTED" },
        "timestamp": { "S": "2024-02-29T12:34:56.789Z" }, "payload": { "N": version.to_string() },
    })
}

pub(crate) fn insert(number: u64, key: &str, version: u64) -> Value {
    record("INSERT", number, key, version, Some(image(key, version)))
}

pub(crate) fn failures(response: &castore_dynamodb::LambdaBatchResponse) -> Vec<&str> {
    response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect()
}

pub(crate) fn handler_of(bus: &AppBus, stores: &Stores) -> LambdaStreamHandler {
    LambdaStreamHandler::builder(bus.clone()).publish(&stores.counters).publish(&stores.notes).build().unwrap()
}

/// Returns stores for tests that do not access the storage.
pub(crate) fn stores() -> Stores {
    Stores::new(&Canned::new([]).adapter())
}

#[test]
fn records_are_read_as_lambda_writes_them() {
    let deep = json!({
        "aggregateId": { "S": "COUNTERS#a#b" }, "version": { "N": "1" }, "type": { "S": "COUNTED" },
        "timestamp": { "S": "2024-02-29T12:34:56.789Z" }, "eventStoreId": { "S": "COUNTERS" },
        "payload": { "M": { "list": { "L": [{ "NULL": true }, { "BOOL": false }, { "N": "1.5" }] } } },
        "metadata": { "M": {} },
    });
    let event = invocation(vec![record("INSERT", 7, "COUNTERS#a#b", 1, Some(deep))]);
    let [record] = &event.records[..] else { panic!("{event:?}") };
    assert_eq!(record.sequence_number(), "7");
    let StreamChange::Stored { event_store_id, event } = record.change() else { panic!("{record:?}") };
    assert_eq!((&*event_store_id, &*event.aggregate_id, event.version), ("COUNTERS", "a#b", 1));
    assert_eq!(event.payload.unwrap().get(), r#"{"list":[null,false,1.5]}"#);
    assert_eq!(event.metadata.unwrap().get(), "{}");
    let secret = format!("{record:?}");
    assert!(!secret.contains("list"), "what is stored is private: {secret}");
}

#[test]
fn other_records_are_errors() {
    let change = |record: Value| serde_json::from_value::<LambdaStreamRecord>(record).unwrap().change();
    for name in ["MODIFY", "REMOVE"] {
        let StreamChange::Rewritten { event_store_id, aggregate_id, version } =
            change(record(name, 1, "COUNTERS#a", 3, None))
        else {
            panic!("{name}")
        };
        assert_eq!((&*event_store_id, &*aggregate_id, version), ("COUNTERS", "a", 3));
    }
    let sets = json!({ "aggregateId": { "S": "COUNTERS#a" }, "version": { "N": "1" }, "type": { "S": "T" },
        "timestamp": { "S": "2024-02-29T12:34:56.789Z" }, "payload": { "SS": ["a"] }, "other": { "B": "AA==" } });
    let StreamChange::Unreadable { place, error } = change(record("INSERT", 1, "COUNTERS#a", 1, Some(sets))) else {
        panic!("a set of texts is no payload")
    };
    assert_eq!(place, Some(("COUNTERS".to_owned(), "a".to_owned(), 1)));
    assert_eq!(error, ParseImageError::Attribute { attribute: "payload" });
}

#[tokio::test]
async fn events_are_published_and_other_records_are_skipped() {
    for holds_back in [false, true] {
        let (bus, stores) = (AppBus::default(), stores());
        let broker = Broker::attach_as(&bus, holds_back, Duration::ZERO);
        let handler = handler_of(&bus, &stores);
        let event = invocation(vec![
            insert(1, "COUNTERS#a", 1),
            insert(2, "STRANGERS#x", 1),
            insert(3, "COUNTERS#a", 2),
            insert(4, "COUNTERS#b", 1),
            record("INSERT", 5, "no store", 1, None),
            record("REMOVE", 6, "COUNTERS#b", 1, None),
            insert(7, "COUNTERS#a", 3),
        ]);
        let response = handler.handle(&event).await;
        assert_eq!(serde_json::to_value(&response).unwrap(), json!({ "batchItemFailures": [] }));
        assert_eq!(broker.first_deliveries()["a"], [1, 2, 3]);
        assert_eq!(broker.names().len(), 4);
    }
}

#[tokio::test]
async fn what_fails_is_answered_with_what_comes_after_it() {
    for (verdict, holds_back) in
        [(Verdict::Refuse, false), (Verdict::Refuse, true), (Verdict::NotNow, false), (Verdict::NotNow, true)]
    {
        let (bus, stores) = (AppBus::default(), stores());
        let broker = Broker::attach_as(&bus, holds_back, Duration::ZERO);
        broker.judge(move |id, version| if (id, version) == ("a", 2) { verdict } else { Verdict::Take });
        let handler = handler_of(&bus, &stores);
        let records = [(1, "a", 1), (2, "a", 2), (3, "b", 1), (4, "a", 3), (5, "b", 2)]
            .map(|(number, id, version)| insert(number, &format!("COUNTERS#{id}"), version));
        let response = handler.handle(&invocation(records.to_vec())).await;
        assert_eq!(failures(&response), ["2", "4"], "{verdict:?} {holds_back}");
        // Like Lambda, the test starts again with the first record that failed.
        broker.heal();
        let response = handler.handle(&invocation(records[1..].to_vec())).await;
        assert_eq!(failures(&response), [""; 0]);
        let firsts = broker.first_deliveries();
        assert_eq!((&firsts["a"][..], &firsts["b"][..]), (&[1, 2, 3][..], &[1, 2][..]));
    }
}

#[tokio::test]
async fn an_outage_fails_all_that_was_not_published() {
    let (bus, stores) = (AppBus::default(), stores());
    let handler = handler_of(&bus, &stores);
    let event = invocation(vec![insert(1, "COUNTERS#a", 1), insert(2, "COUNTERS#b", 1)]);
    assert_eq!(failures(&handler.handle(&event).await), ["1", "2"], "the channel has no adapter");
    let broker = Broker::attach(&bus);
    broker.judge(|_, _| Verdict::BreakOff);
    assert_eq!(failures(&handler.handle(&event).await), ["1", "2"]);
    broker.heal();
    assert_eq!(failures(&handler.handle(&event).await), [""; 0]);
    assert_eq!(broker.names(), ["a1", "b1"]);
}

#[tokio::test]
async fn a_damaged_event_holds_the_later_ones_of_its_aggregate() {
    let (bus, stores) = (AppBus::default(), stores());
    let broker = Broker::attach(&bus);
    let handler = handler_of(&bus, &stores);
    let event = invocation(vec![
        insert(1, "COUNTERS#a", 1),
        record("INSERT", 2, "COUNTERS#a", 2, Some(json!({ "aggregateId": { "S": "COUNTERS#a" } }))),
        insert(3, "COUNTERS#b", 1),
        insert(4, "COUNTERS#a", 3),
    ]);
    assert_eq!(failures(&handler.handle(&event).await), ["2", "4"]);
    assert_eq!(broker.names(), ["a1", "b1"]);
}

#[tokio::test]
async fn state_carrying_messages_carry_the_state_at_their_event() {
    let storage = with_table().await;
    let stores = Stores::new(&storage);
    stores.count("a", 1..=4).await;
    let bus = stores.state_bus();
    let broker = Broker::attach(&bus);
    let handler = LambdaStreamHandler::builder(bus).publish(&stores.counters).publish(&stores.notes).build().unwrap();
    let stored = storage.get_events("COUNTERS", "a", GetEventsOptions::default()).await.unwrap();
    let stored_as = |version: u64, id: &str| {
        let mut image = image(&format!("COUNTERS#{id}"), version);
        image["type"]["S"] = stored[0].event_type.as_ref().into();
        record("INSERT", version, &format!("COUNTERS#{id}"), version, Some(image))
    };
    // The events begin in the middle of the aggregate.
    let event = invocation((2..=4).map(|version| stored_as(version, "a")).collect());
    assert_eq!(failures(&handler.handle(&event).await), [""; 0]);
    let states: Vec<_> = broker.messages().iter().map(|message| message["aggregate"]["sum"].clone()).collect();
    assert_eq!(broker.names(), ["a2", "a3", "a4"]);
    assert_eq!(json!(states), json!([3, 6, 10]), "{:?}", broker.messages());
    // An event that is not in the store can never be published.
    let event = invocation(vec![stored_as(7, "b")]);
    assert_eq!(failures(&handler.handle(&event).await), ["7"]);
}

#[tokio::test]
async fn what_others_replaced_is_counted() {
    let (storage, _) = with_stream().await;
    let (bus, stores) = (AppBus::default(), Stores::new(&storage));
    let broker = Broker::attach(&bus);
    let builder = LambdaStreamHandler::builder(bus.clone()).publish(&stores.counters);
    let handler = builder.note_rewrites(&storage).build().unwrap();
    let event = invocation(vec![record("MODIFY", 1, "COUNTERS#a", 1, Some(image("COUNTERS#a", 1)))]);
    assert_eq!(failures(&handler.handle(&event).await), [""; 0]);
    assert_eq!(storage.rewrite_count("COUNTERS", "a").await.unwrap(), Some(1));
    assert!(broker.names().is_empty(), "it is not published again");
    drop(handler);
    let refusing = Canned::new([error("AccessDeniedException")]).builder().rewrites_table("rewrites").build();
    let builder = LambdaStreamHandler::builder(bus).publish(&stores.counters);
    let handler = builder.note_rewrites(&refusing).build().unwrap();
    assert_eq!(failures(&handler.handle(&event).await), ["1"]);
}

#[tokio::test]
async fn handlers_that_cannot_be_are_refused() {
    let (bus, stores) = (AppBus::default(), stores());
    let error = LambdaStreamHandler::builder(bus.clone()).build().unwrap_err();
    assert!(matches!(error, DynamoDbRelayError::NoEventStore { .. }), "{error:?}");
    let twice = LambdaStreamHandler::builder(bus.clone()).publish(&stores.counters).publish(&stores.counters);
    let error = twice.build().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "event store `COUNTERS` is published on message channel `{}` twice: call `publish` once for each \
             event store",
            AppBus::ID
        )
    );
    let connected = stores.counters.connect(bus.clone());
    let error = LambdaStreamHandler::builder(bus).publish(&stores.counters).build().unwrap_err();
    assert!(matches!(error, DynamoDbRelayError::TwoPublishers(_)), "{error:?}");
    drop(connected);
}
