//! Tests of messages at the size limit, above it, and stored elsewhere.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use castore::prelude::*;
use castore_conformance::async_trait;
use castore_core::channel::{ClaimCheck, ClaimCheckError, ClaimedMessage};
use castore_event_bridge::{EventBridgeEnvelope, EventBridgeMessageBusMessage, MalformedEventError};
use serde_json::{Value, json};

use crate::canned::{Canned, taken};
use crate::domain::{AppBus, AppBusMessage, Mailed, Pokemon, Trainer, appeared, leveled_up};

/// A claim check that stores messages in memory.
#[derive(Debug, Default)]
pub(crate) struct Cloakroom {
    kept: Mutex<BTreeMap<String, String>>,
    away: bool,
}

#[async_trait]
impl ClaimCheck for Cloakroom {
    async fn check_in(&self, message: ClaimedMessage<'_>, json: String) -> Result<String, ClaimCheckError> {
        if self.away {
            return Err(ClaimCheckError::new("the cloakroom is closed"));
        }
        let ClaimedMessage { event_store_id, aggregate_id, version, .. } = message;
        let number = format!("{event_store_id}/{aggregate_id}/{version:?}");
        self.kept.lock().unwrap().insert(number.clone(), json);
        Ok(json!({ "messageUrl": number }).to_string())
    }

    async fn redeem(&self, json: &str) -> Result<Option<String>, ClaimCheckError> {
        let pointer: Value = serde_json::from_str(json).unwrap();
        let Some(number) = pointer["messageUrl"].as_str() else { return Ok(None) };
        match self.kept.lock().unwrap().get(number) {
            Some(json) => Ok(Some(json.clone())),
            None => Err(ClaimCheckError::permanent("never heard of it")),
        }
    }
}

/// Returns the size of an entry as EventBridge counts it.
fn bytes(entry: &Value) -> usize {
    ["Source", "DetailType", "Detail"].iter().map(|key| entry[key].as_str().unwrap().len()).sum()
}

#[tokio::test]
async fn a_message_is_refused_when_it_is_one_byte_too_large() {
    let (app_bus, canned) = (AppBus::new(), Canned::new([]));
    canned.builder().attach_to(&app_bus).unwrap();
    app_bus.publish_message(appeared("a", 100)).await.unwrap();
    let other_bytes = bytes(&canned.entries()[0]) - 100;
    canned.builder().max_message_bytes(other_bytes + 1_000).attach_to(&app_bus).unwrap();
    app_bus.publish_message(appeared("a", 1_000)).await.unwrap();
    let batch = vec![appeared("a", 1_001), leveled_up("b", 1)];
    let Err(PublishError::Rejected { total: 2, rejected }) = app_bus.publish_messages(batch).await else {
        panic!("it was published");
    };
    assert_eq!((rejected.len(), rejected[0].index, rejected[0].permanent), (1, 0, true));
    let (size, limit) = (other_bytes + 1_001, other_bytes + 1_000);
    let words = rejected[0].reason.to_string();
    assert!(words.contains(&format!("{size} bytes")) && words.contains(&limit.to_string()), "{words}");
    assert_eq!(canned.sizes(), [1, 1, 1], "the other one of the batch was published, and the large one not sent");
}

#[tokio::test]
async fn requests_are_limited_in_bytes() {
    let (app_bus, canned) = (AppBus::new(), Canned::new([]));
    canned.builder().max_message_bytes(10_000).attach_to(&app_bus).unwrap();
    let messages: Vec<_> = (0..9).map(|number| appeared(&format!("a{number}"), 2_300)).collect();
    app_bus.publish_messages(messages).await.unwrap();
    assert_eq!(canned.sizes(), [4, 4, 1]);
    for request in canned.requests() {
        let sum: usize = request["Entries"].as_array().unwrap().iter().map(bytes).sum();
        assert!(sum <= 10_000, "{sum}");
    }
}

#[tokio::test]
async fn by_default_a_request_is_smaller_than_a_mebibyte() {
    let (app_bus, canned) = (AppBus::new(), Canned::new([]));
    canned.builder().attach_to(&app_bus).unwrap();
    app_bus.publish_message(appeared("a", 1_048_300)).await.unwrap();
    assert!(app_bus.publish_message(appeared("a", 1_048_576)).await.is_err());
    let messages: Vec<_> = (0..3).map(|number| appeared(&format!("a{number}"), 400_000)).collect();
    app_bus.publish_messages(messages).await.unwrap();
    assert_eq!(canned.sizes(), [1, 2, 1]);
}

#[tokio::test]
async fn large_message_is_stored_elsewhere() {
    let (app_bus, canned, cloakroom) = (AppBus::new(), Canned::new([]), Arc::new(Cloakroom::default()));
    canned.builder().max_message_bytes(10_000).claim_check(cloakroom.clone()).attach_to(&app_bus).unwrap();
    let batch = vec![appeared("small", 10), appeared("large", 10_000), appeared("middling", 7_000)];
    app_bus.publish_messages(batch).await.unwrap();
    let entries = canned.entries();
    assert_eq!(entries.len(), 3);
    let details: Vec<Value> =
        entries.iter().map(|entry| serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap()).collect();
    assert_eq!(details[0]["event"]["aggregateId"], "small");
    assert_eq!(details[1], json!({ "messageUrl": "POKEMONS/large/Some(1)" }));
    // The message is below the limit, but its event would be too large for a target with the same limit.
    assert_eq!(details[2], json!({ "messageUrl": "POKEMONS/middling/Some(1)" }));
    // The fields that rules match are still present.
    for entry in &entries {
        assert_eq!((&entry["Source"], &entry["DetailType"]), (&json!("POKEMONS"), &json!("APPEARED")));
    }
    let kept = cloakroom.kept.lock().unwrap();
    let message: AppBusMessage = serde_json::from_str(&kept["POKEMONS/large/Some(1)"]).unwrap();
    assert_eq!(serde_json::to_value(message).unwrap(), serde_json::to_value(appeared("large", 10_000)).unwrap());
}

#[tokio::test]
async fn claim_check_threshold_can_be_set() {
    let (app_bus, canned, cloakroom) = (AppBus::new(), Canned::new([]), Arc::new(Cloakroom::default()));
    canned.builder().claim_check(cloakroom.clone()).claim_check_over(500).attach_to(&app_bus).unwrap();
    app_bus.publish_messages(vec![appeared("small", 10), appeared("large", 500)]).await.unwrap();
    assert_eq!(cloakroom.kept.lock().unwrap().keys().collect::<Vec<_>>(), ["POKEMONS/large/Some(1)"]);
    assert_eq!(canned.sizes(), [2]);
}

#[tokio::test]
async fn message_that_cannot_be_stored_is_not_published() {
    let (app_bus, canned) = (AppBus::new(), Canned::new([taken()]));
    let closed = Arc::new(Cloakroom { away: true, ..Cloakroom::default() });
    canned.builder().claim_check(closed).claim_check_over(500).attach_to(&app_bus).unwrap();
    let result = app_bus.publish_messages(vec![appeared("small", 10), appeared("large", 500)]).await;
    let Err(PublishError::Rejected { rejected, .. }) = result else { panic!("{result:?}") };
    assert_eq!((rejected.len(), rejected[0].index, rejected[0].permanent), (1, 1, false));
    assert_eq!(canned.sizes(), [1]);
}

/// Returns the EventBridge event of an entry that was sent.
pub(crate) fn event_of(entry: &Value) -> Value {
    json!({
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": "111122223333",
        "time": "2024-01-01T00:00:00Z",
        "region": "us-west-1",
        "resources": [],
        "detail": serde_json::from_str::<Value>(entry["Detail"].as_str().unwrap()).unwrap(),
    })
}

/// Consumers fetch the published message with the pointer.
#[tokio::test]
async fn stored_messages_can_be_fetched() {
    let (app_bus, canned, cloakroom) = (AppBus::new(), Canned::new([]), Arc::new(Cloakroom::default()));
    canned.builder().claim_check(cloakroom.clone()).claim_check_over(500).attach_to(&app_bus).unwrap();
    app_bus.publish_message(appeared("large", 500)).replay(true).await.unwrap();
    let event = event_of(&canned.entries()[0]);
    let expected = serde_json::to_value(appeared("large", 500)).unwrap();

    let (message, replay) =
        EventBridgeEnvelope::receive::<AppBus>(&event.to_string(), Some(&*cloakroom)).await.unwrap();
    assert_eq!((serde_json::to_value(message).unwrap(), replay), (expected, true));
    let unresolved = EventBridgeEnvelope::receive::<AppBus>(&event.to_string(), None).await.unwrap_err();
    assert!(unresolved.is_permanent(), "{unresolved}");

    let message: EventBridgeMessageBusMessage<AppBus, Pokemon, Mailed> = serde_json::from_value(event.clone()).unwrap();
    assert!(matches!(message.message(), Err(MalformedEventError::NotAMessage { .. })));
    let message = message.resolve(&*cloakroom).await.unwrap();
    assert_eq!(message.message().unwrap().unwrap().event.aggregate_id, "large");
    assert!(message.is_replay());
    assert!(matches!(message.message().unwrap().unwrap().payload, Mailed::Appeared(_)));
    // A message that is not a pointer stays unchanged.
    let message = message.resolve(&Cloakroom::default()).await.unwrap();
    assert_eq!(message.message().unwrap().unwrap().event.aggregate_id, "large");

    // A rule cannot see the content of a stored message, so the message may not be for this listener.
    let other: EventBridgeMessageBusMessage<AppBus, Trainer> = serde_json::from_value(event.clone()).unwrap();
    let other = other.resolve(&*cloakroom).await.unwrap();
    assert!(other.message().unwrap().is_none());
    // The message is no longer stored.
    let gone: EventBridgeMessageBusMessage<AppBus> = serde_json::from_value(event).unwrap();
    assert!(gone.resolve(&Cloakroom::default()).await.unwrap_err().is_permanent());
}
