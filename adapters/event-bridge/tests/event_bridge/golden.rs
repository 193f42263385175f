//! Compares the requests with requests that were recorded from the original TypeScript package.

use castore_core::channel::{KeepsOrder, MessageBus, MessageChannel, PublishMessageOptions, Unordered};
use castore_core::message::StoredMessage;
use castore_core::storage::RawEvent;
use castore_event_bridge::{EventBridgeMessageBusAdapter, EventBusName};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::canned::Canned;
use crate::domain::{AggregateBus, AppBus, AppBusMessage, StateBus, state_bus};

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../tests/golden/eventbridge.json")).unwrap()
}

/// Returns the entries of a recorded case, which must have a single call.
fn recorded(case: &str) -> Vec<Value> {
    let calls = &golden()["cases"][case]["calls"];
    assert_eq!(calls.as_array().map(Vec::len), Some(1), "{case}");
    calls[0]["input"]["Entries"].as_array().unwrap().clone()
}

/// Parses the details as JSON, because the order of keys may differ.
fn parsed(mut entry: Value) -> Value {
    entry["Detail"] = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    entry
}

/// Publishes the message of a recorded entry on a bus of the same kind. Returns the entry that is sent.
async fn sent_on<C>(channel: &C, canned: &Canned, entry: &Value, replay: bool) -> Value
where
    C: MessageBus<Message: Serialize + DeserializeOwned>,
    Unordered: KeepsOrder<C::Order, EventBridgeMessageBusAdapter<C>>,
{
    let before = canned.entries().len();
    canned.builder::<C>().attach_to(channel).unwrap();
    let message: C::Message = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    channel.publish_message(message).replay(replay).await.unwrap();
    let entries = canned.entries();
    assert_eq!(entries.len(), before + 1);
    entries[before].clone()
}

async fn sent(entry: &Value, replay: bool) -> Value {
    let canned = Canned::new([]);
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    if detail.get("aggregateId").is_some() {
        sent_on(&AggregateBus::new(), &canned, entry, replay).await
    } else if detail.get("aggregate").is_some() {
        sent_on::<StateBus>(&state_bus(), &canned, entry, replay).await
    } else {
        sent_on(&AppBus::new(), &canned, entry, replay).await
    }
}

#[tokio::test]
async fn entries_are_those_of_the_original() {
    let cases = [
        ("default: publishMessage notification", false),
        ("default: publishMessage stateCarrying", false),
        ("default: publishMessage aggregateExists", false),
        ("default: publishMessages mixed", false),
        ("replay=false: publishMessage notification", false),
        ("replay=true: publishMessage notification", true),
        ("replay=true: publishMessage stateCarrying", true),
        ("replay=true: publishMessage aggregateExists", true),
        ("replay=true: publishMessages mixed", true),
        ("unicode", false),
    ];
    for (case, replay) in cases {
        for entry in recorded(case) {
            // Each kind of message has its own bus, because a bus of this crate carries a single kind.
            let ours = sent(&entry, replay).await;
            assert_eq!(parsed(ours), parsed(entry), "{case}");
        }
    }
}

#[tokio::test]
async fn batches_are_split_like_in_the_original() {
    for (case, replay) in [("default: publishMessages of 25", false), ("replay=true: publishMessages of 25", true)] {
        let recorded = &golden()["cases"][case];
        let last: Value = serde_json::from_str(recorded["lastEntryOfLastCall"]["Detail"].as_str().unwrap()).unwrap();
        let messages: Vec<AppBusMessage> = (1..=25)
            .map(|version| {
                let mut message = last.clone();
                message["event"]["version"] = json!(version);
                serde_json::from_value(message).unwrap()
            })
            .collect();
        let (app_bus, canned) = (AppBus::new(), Canned::new([]));
        canned.builder().attach_to(&app_bus).unwrap();
        app_bus.publish_messages(messages).replay(replay).await.unwrap();
        let summary: Vec<_> = canned
            .requests()
            .iter()
            .map(|request| {
                let entries: Vec<_> =
                    request["Entries"].as_array().unwrap().iter().map(|entry| parsed(entry.clone())).collect();
                let mut detail_types: Vec<_> = entries.iter().map(|entry| entry["DetailType"].clone()).collect();
                detail_types.dedup();
                json!({
                    "command": "PutEventsCommand",
                    "keys": request.as_object().unwrap().keys().collect::<Vec<_>>(),
                    "versions": entries.iter().map(|entry| &entry["Detail"]["event"]["version"]).collect::<Vec<_>>(),
                    "detailTypes": detail_types,
                })
            })
            .collect();
        assert_eq!(json!(summary), recorded["summary"], "{case}");
        let last = canned.entries().pop().unwrap();
        assert_eq!(parsed(last), parsed(recorded["lastEntryOfLastCall"].clone()), "{case}");
    }
}

#[tokio::test]
async fn empty_batch_sends_no_request() {
    assert_eq!(golden()["cases"]["publishMessages of 0"]["calls"], json!([]));
    let (app_bus, canned) = (AppBus::new(), Canned::new([]));
    canned.builder().attach_to(&app_bus).unwrap();
    app_bus.publish_messages(Vec::<AppBusMessage>::new()).await.unwrap();
    assert_eq!(canned.sizes(), [] as [usize; 0]);
}

#[tokio::test]
async fn bus_name_can_be_resolved_later() {
    let [entry] = &recorded("eventBusName getter")[..] else { panic!("one entry") };
    let (app_bus, canned) = (AppBus::new(), Canned::new([]));
    let name = EventBusName::resolved_by(|| async { Ok::<_, std::io::Error>("bus-from-getter".to_owned()) });
    EventBridgeMessageBusAdapter::attach_to(&app_bus, canned.client(), name);
    let message: AppBusMessage = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    app_bus.publish_message(message).await.unwrap();
    assert_eq!(parsed(canned.entries()[0].clone()), parsed(entry.clone()));
}

/// Stored notifications are published without being decoded. Their entries are the same, even if the event type is
/// unknown.
#[tokio::test]
async fn stored_messages_are_the_same_entries() {
    let [entry] = &recorded("default: publishMessage notification")[..] else { panic!("one entry") };
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    let raw = |event_type: &'static str| {
        let event = &detail["event"];
        let json = |key: &str| Some(serde_json::value::RawValue::from_string(event[key].to_string()).unwrap());
        StoredMessage::notification(
            "POKEMONS".into(),
            RawEvent {
                aggregate_id: event["aggregateId"].as_str().unwrap().to_owned(),
                version: 1,
                event_type: event_type.into(),
                timestamp: event["timestamp"].as_str().unwrap().parse().unwrap(),
                payload: json("payload"),
                metadata: json("metadata"),
            },
        )
    };
    let (app_bus, canned) = (AppBus::new(), Canned::new([]));
    canned.builder().attach_to(&app_bus).unwrap();
    let adapter = app_bus.adapter().unwrap();
    adapter.publish_stored_messages(vec![raw("APPEARED"), raw("OF_TOMORROW")], Default::default()).await.unwrap();
    adapter
        .publish_stored_messages(vec![raw("OF_TOMORROW")], PublishMessageOptions::default().replay(true))
        .await
        .unwrap();
    let entries: Vec<_> = canned.entries().into_iter().map(parsed).collect();
    assert_eq!(entries[0], parsed(entry.clone()));
    let mut unknown = parsed(entry.clone());
    unknown["Detail"]["event"]["type"] = json!("OF_TOMORROW");
    unknown["DetailType"] = json!("OF_TOMORROW");
    assert_eq!(entries[1], unknown);
    unknown["DetailType"] = json!("__REPLAYED__");
    assert_eq!(entries[2], unknown);
}
