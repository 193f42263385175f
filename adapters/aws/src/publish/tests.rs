use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use castore_core::channel::{ClaimCheck, ClaimCheckError, ClaimedMessage, PublishError};

use super::*;
use crate::{EntryOutcome, EntryTooLargeError, Rejection};

/// A message without attributes, whose size is that of its JSON.
#[derive(Debug)]
struct Plain(String);

impl OutgoingMessage for Plain {
    fn bytes(&self) -> usize {
        self.0.len()
    }

    fn take_json(&mut self) -> String {
        std::mem::take(&mut self.0)
    }

    fn set_json(&mut self, json: String) {
        self.0 = json;
    }
}

/// A claim check that stores messages under their aggregate and version. Storing a message of aggregate `x` fails.
#[derive(Debug, Default)]
struct Store(Mutex<Vec<String>>);

#[async_trait]
impl ClaimCheck for Store {
    async fn check_in(&self, message: ClaimedMessage<'_>, json: String) -> Result<String, ClaimCheckError> {
        if message.aggregate_id == "x" {
            return Err(ClaimCheckError::new("the store is unavailable"));
        }
        self.0.lock().unwrap().push(json);
        Ok(format!("->{}{}", message.aggregate_id, message.version.unwrap_or_default()))
    }

    async fn redeem(&self, _: &str) -> Result<Option<String>, ClaimCheckError> {
        Ok(None)
    }
}

fn message(aggregate_id: &str, json: &str) -> SerializedMessage {
    let identity = MessageIdentity::new("POKEMONS", aggregate_id).with_event(1, "APPEARED");
    SerializedMessage { identity, json: Ok(json.to_owned()) }
}

async fn publish(
    options: &PublishOptions,
    messages: Vec<SerializedMessage>,
) -> (Vec<String>, Result<(), PublishError>) {
    let sent = Mutex::new(Vec::new());
    let write = |_: &MessageIdentity, json| Ok::<_, Rejection>(Plain(json));
    let published = options.publish(messages, false, write, |batch| {
        sent.lock().unwrap().extend(batch.iter().map(|message: &Arc<Plain>| message.0.clone()));
        let outcomes = batch.iter().map(|_| EntryOutcome::Published).collect();
        std::future::ready(Ok(outcomes))
    });
    let published = published.await;
    (sent.into_inner().unwrap(), published)
}

fn with_claim_check(max_message_bytes: usize, headroom: usize) -> (Arc<Store>, PublishOptions) {
    let store = Arc::new(Store::default());
    let options = PublishOptions::new(max_message_bytes, headroom);
    (store.clone(), PublishOptions { claim_check: Some(store), ..options })
}

#[tokio::test]
async fn only_messages_above_the_threshold_are_stored_elsewhere() {
    let (store, options) = with_claim_check(12, 2);
    let (sent, published) = publish(&options, vec![message("a", "0123456789"), message("b", "0123456789a")]).await;
    published.unwrap();
    assert_eq!(sent, ["0123456789", "->b1"]);
    assert_eq!(*store.0.lock().unwrap(), ["0123456789a"]);
    let lower = PublishOptions { claim_check_over: Some(9), ..options };
    assert_eq!(publish(&lower, vec![message("a", "0123456789")]).await.0, ["->a1"]);
}

#[tokio::test]
async fn message_that_cannot_be_stored_is_rejected_alone() {
    let (_, options) = with_claim_check(5, 0);
    let (sent, published) = publish(&options, vec![message("x", "too large"), message("a", "small")]).await;
    assert_eq!(sent, ["small"]);
    let Err(PublishError::Rejected { rejected, .. }) = published else { panic!("{published:?}") };
    assert_eq!(rejected.iter().map(|rejected| (rejected.index, rejected.permanent)).collect::<Vec<_>>(), [(0, false)]);
    assert!(rejected[0].reason.is::<ClaimCheckError>());
}

#[tokio::test]
async fn message_without_json_is_rejected_permanently() {
    let broken = SerializedMessage { json: serde_json::from_str("x"), ..message("a", "") };
    let (sent, published) = publish(&PublishOptions::new(100, 0), vec![broken, message("b", "{}")]).await;
    assert_eq!(sent, ["{}"]);
    let Err(PublishError::Rejected { rejected, .. }) = published else { panic!("{published:?}") };
    assert!(rejected[0].permanent && rejected[0].reason.is::<serde_json::Error>());
}

#[test]
fn size_is_checked_without_claim_check_too() {
    let options = PublishOptions::new(3, 0);
    options.check_size(&Plain("123".into())).unwrap();
    let refusal = options.check_size(&Plain("1234".into())).unwrap_err();
    let error = refusal.reason.downcast_ref::<EntryTooLargeError>().copied();
    assert!(refusal.permanent && error == Some(EntryTooLargeError { bytes: 4, limit: 3 }));
}

#[test]
fn invalid_options_are_named() {
    let option = |options: PublishOptions| options.validate().unwrap_err().option;
    PublishOptions::new(10, 4).validate().unwrap();
    assert_eq!(option(PublishOptions::new(0, 0)), "max_message_bytes");
    let over = PublishOptions { claim_check_over: Some(11), ..PublishOptions::new(10, 4) };
    assert_eq!(option(over), "claim_check_over");
    let policy = PublishOptions::new(10, 4).policy.attempts(0);
    assert_eq!(option(PublishOptions { policy, ..PublishOptions::new(10, 4) }), "attempts");
}
