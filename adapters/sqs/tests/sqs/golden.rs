//! Compares the requests with requests that were recorded from the original TypeScript package, except for intended
//! differences.

use castore_core::channel::{MessageChannelAdapter, MessageQueue, PublishMessageOptions};
use castore_core::message::StoredMessage;
use castore_core::storage::RawEvent;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::canned::{Canned, FIFO_URL, URL};
use crate::domain::{AppQueue, ExistsQueue, LIVE, REPLAY, StateQueue};

fn case(name: &str) -> Value {
    let golden: Value = serde_json::from_str(include_str!("../../../../tests/golden/sqs.json")).unwrap();
    let case = golden["cases"][name].clone();
    assert!(case.is_object(), "{name} was not recorded");
    case
}

/// Returns the input of the only call of a recorded case.
fn input(name: &str) -> Value {
    let calls = &case(name)["calls"];
    assert_eq!(calls.as_array().map(Vec::len), Some(1), "{name}");
    calls[0]["input"].clone()
}

/// Returns the only request, which must be of the given operation.
fn request(canned: &Canned, operation: &str) -> Value {
    let requests = canned.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].0, operation);
    requests[0].1.clone()
}

fn message<M: DeserializeOwned>(body: &Value) -> M {
    serde_json::from_str(body.as_str().unwrap()).unwrap()
}

/// Publishes the message of a recorded case to a standard queue, and compares the request.
async fn same<C: MessageQueue<Message: Serialize + DeserializeOwned>>(name: &str, options: PublishMessageOptions) {
    let expected = input(name);
    let canned = Canned::all_well();
    canned.standard::<C>().publish_message(message(&expected["MessageBody"]), options).await.unwrap();
    assert_eq!(request(&canned, "SendMessage"), expected, "{name}");
}

/// Does the same as [`same`] for a FIFO queue. Returns the recorded deduplication id and the one that this crate sends.
async fn same_but_deduplication<C: MessageQueue<Message: Serialize + DeserializeOwned>>(
    name: &str,
    options: PublishMessageOptions,
) -> (String, String) {
    let mut expected = input(name);
    // The names of FIFO queues must end with `.fifo`.
    expected["QueueUrl"] = FIFO_URL.into();
    let canned = Canned::all_well();
    canned.fifo::<C>().publish_message(message(&expected["MessageBody"]), options).await.unwrap();
    let mut found = request(&canned, "SendMessage");
    let id = |input: &mut Value| input["MessageDeduplicationId"].take().as_str().unwrap().to_owned();
    let ids = (id(&mut expected), id(&mut found));
    assert_eq!(found, expected, "{name}");
    ids
}

#[tokio::test]
async fn single_messages_are_the_originals() {
    same::<AppQueue>("standard: publishMessage notification", LIVE).await;
    same::<StateQueue>("standard: publishMessage stateCarrying", LIVE).await;
    same::<ExistsQueue>("standard: publishMessage aggregateExists", LIVE).await;
    same::<AppQueue>("standard replay=false: publishMessage notification", LIVE).await;
    same::<AppQueue>("standard replay=true: publishMessage notification", REPLAY).await;
    same::<StateQueue>("standard replay=true: publishMessage stateCarrying", REPLAY).await;
    same::<ExistsQueue>("standard replay=true: publishMessage aggregateExists", REPLAY).await;
}

#[tokio::test]
async fn single_messages_to_fifo_queues_are_the_originals() {
    for (name, ids) in [
        ("notification", same_but_deduplication::<AppQueue>("fifo: publishMessage notification", LIVE).await),
        ("stateCarrying", same_but_deduplication::<StateQueue>("fifo: publishMessage stateCarrying", LIVE).await),
        ("#", same_but_deduplication::<AppQueue>("aggregate id containing #", LIVE).await),
    ] {
        assert_eq!(ids.0, ids.1, "{name}");
    }
}

/// In the original package, a replay has the deduplication id of the repeated message, so SQS drops the replay as a
/// duplicate.
#[tokio::test]
async fn replays_have_ids_of_their_own() {
    let names = ["notification", "stateCarrying"].map(|kind| format!("fifo replay=true: publishMessage {kind}"));
    for (recorded, ours) in [
        same_but_deduplication::<AppQueue>(&names[0], REPLAY).await,
        same_but_deduplication::<StateQueue>(&names[1], REPLAY).await,
    ] {
        assert!(ours.starts_with(&format!("{recorded}#replay#")), "{ours}");
    }
}

/// The original package gives all aggregate-exists messages of an aggregate the same id. In this crate, the ids are
/// equal only if the content is equal.
#[tokio::test]
async fn messages_without_version_have_ids_by_content() {
    for name in ["fifo: publishMessage aggregateExists", "fifo replay=true: publishMessage aggregateExists"] {
        let options = if name.contains("replay") { REPLAY } else { LIVE };
        let (_, ours) = same_but_deduplication::<ExistsQueue>(name, options.clone()).await;
        let (_, again) = same_but_deduplication::<ExistsQueue>(name, options.clone()).await;
        assert_eq!(ours == again, !options.replay, "{ours} {again}");
    }
}

/// As in the original package, falsy parts are omitted from the attribute. The deduplication id keeps these parts.
#[tokio::test]
async fn empty_ids_and_version_0() {
    let (recorded, ours) = same_but_deduplication::<AppQueue>("version 0 (dropped from messageId)", LIVE).await;
    assert_eq!((&*recorded, &*ours), ("POKEMONS#case-version-zero", "POKEMONS#case-version-zero#0"));
    let name = "empty aggregate id (dropped from messageId, kept in group id)";
    let (recorded, ours) = same_but_deduplication::<AppQueue>(name, LIVE).await;
    assert_eq!((&*recorded, &*ours), ("POKEMONS#1", "POKEMONS##1"));
}

/// Text is sent unchanged. Only a character that SQS rejects is escaped.
#[tokio::test]
async fn unicode_passes_undecoded() {
    let mut expected = input("unicode");
    let recorded = expected["MessageBody"].as_str().unwrap().to_owned();
    let body: Value = serde_json::from_str(&recorded).unwrap();
    let event = &body["event"];
    // The recorded text of a field.
    let text = |field: &str, end: &str, of_end: usize| {
        let from = recorded.find(&format!("\"{field}\":")).unwrap() + field.len() + 3;
        let to = recorded[from..].find(end).unwrap() + from + of_end;
        Some(RawValue::from_string(recorded[from..to].to_owned()).unwrap())
    };
    let notification = StoredMessage::notification(
        "POKEMONS".into(),
        RawEvent {
            aggregate_id: event["aggregateId"].as_str().unwrap().to_owned(),
            version: 1,
            event_type: "APPEARED".into(),
            timestamp: event["timestamp"].as_str().unwrap().parse().unwrap(),
            payload: text("payload", ",\"metadata\"", 0),
            metadata: text("metadata", "}}", 1),
        },
    );
    let canned = Canned::all_well();
    canned.standard::<AppQueue>().publish_stored_messages(vec![notification], LIVE).await.unwrap();
    let found = request(&canned, "SendMessageBatch")["Entries"][0].clone();
    expected["MessageBody"] = recorded.replace('\u{ffff}', "\\uffff").into();
    expected.as_object_mut().unwrap().remove("QueueUrl");
    expected["Id"] = "0".into();
    assert_eq!(found, expected);
    assert!(recorded.contains('\u{ffff}'), "the recorded case has it");
}

/// The entries equal the recorded ones, except that their ids are valid and that both attributes are present.
#[tokio::test]
async fn batches_are_the_originals() {
    for options in [LIVE, REPLAY] {
        let prefix = if options.replay { "standard replay=true" } else { "standard" };
        let recorded = input(&format!("{prefix}: publishMessages of 2 notifications and 1 aggregateExists"));
        let entries = &recorded["Entries"].as_array().unwrap()[..2];
        let canned = Canned::all_well();
        let messages = entries.iter().map(|entry| message(&entry["MessageBody"])).collect();
        canned.standard::<AppQueue>().publish_messages(messages, options).await.unwrap();
        let expected =
            json!({ "QueueUrl": URL, "Entries": entries.iter().zip(0..).map(corrected).collect::<Vec<_>>() });
        assert_eq!(request(&canned, "SendMessageBatch"), expected);
    }
}

/// Returns a recorded entry, in which the mistakes of the original TypeScript package are corrected.
fn corrected((entry, place): (&Value, u32)) -> Value {
    let mut entry = entry.clone();
    entry["MessageAttributes"]["messageId"] = json!({ "DataType": "String", "StringValue": entry["Id"] });
    entry["Id"] = place.to_string().into();
    entry
}

/// Each batch contains one message of an aggregate, because SQS might reject the first of two messages and accept the
/// second.
#[tokio::test]
async fn batches_to_fifo_queues_have_one_of_each_aggregate() {
    let recorded = input("fifo: publishMessages of 2 notifications and 1 aggregateExists");
    let entries = &recorded["Entries"].as_array().unwrap()[..2];
    let canned = Canned::all_well();
    let messages = entries.iter().map(|entry| message(&entry["MessageBody"])).collect();
    canned.fifo::<AppQueue>().publish_messages(messages, LIVE).await.unwrap();
    let sent: Vec<_> = canned.requests().into_iter().map(|(_, request)| request["Entries"].clone()).collect();
    let expected: Vec<_> = entries.iter().map(|entry| json!([corrected((entry, 0))])).collect();
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn batches_of_ten_as_the_original() {
    let recorded = case("standard: publishMessages of 25");
    let last = &recorded["lastEntryOfLastCall"];
    let messages: Vec<_> = (1..=25)
        .map(|version| {
            let mut body: Value = message(&last["MessageBody"]);
            body["event"]["version"] = version.into();
            serde_json::from_value(body).unwrap()
        })
        .collect();
    let canned = Canned::all_well();
    canned.standard::<AppQueue>().publish_messages(messages, LIVE).await.unwrap();
    let requests = canned.requests();
    let sizes = recorded["summary"].as_array().unwrap().iter().map(|call| call["ids"].as_array().unwrap().len());
    let found = requests.iter().map(|(_, request)| request["Entries"].as_array().unwrap().len());
    assert_eq!(found.collect::<Vec<_>>(), sizes.collect::<Vec<_>>());
    assert_eq!(requests[2].1["Entries"][4], corrected((last, 4)));
}

#[tokio::test]
async fn empty_batch_sends_no_request() {
    assert_eq!(case("publishMessages of 0")["calls"], json!([]));
    let canned = Canned::all_well();
    canned.standard::<AppQueue>().publish_messages(Vec::new(), LIVE).await.unwrap();
    canned.fifo::<AppQueue>().publish_messages(Vec::new(), REPLAY).await.unwrap();
    assert_eq!(canned.requests(), []);
}

#[tokio::test]
async fn queue_url_can_be_looked_up() {
    let expected = input("queueUrl getter");
    let url = expected["QueueUrl"].as_str().unwrap().to_owned();
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = asked.clone();
    let url = castore_sqs::QueueUrl::resolved_by(move || {
        let (url, first) = (url.clone(), count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0);
        async move { if first { Err("not now") } else { Ok(url) } }
    });
    let canned = Canned::all_well();
    let adapter = castore_sqs::SqsMessageQueueAdapter::<AppQueue>::new(canned.client(), url);
    let message: <AppQueue as castore::MessageChannel>::Message = message(&expected["MessageBody"]);
    let failed = adapter.publish_message(message.clone(), LIVE).await.unwrap_err();
    assert!(castore_core::error::error_chain(&failed).contains("not now"), "{failed:?}");
    for _ in 0..2 {
        adapter.publish_message(message.clone(), LIVE).await.unwrap();
    }
    assert_eq!(canned.requests()[0].1, expected);
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 2, "it is kept once it is known");
}
