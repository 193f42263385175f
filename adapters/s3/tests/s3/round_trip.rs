//! Tests of storing and fetching messages with the emulator.

use std::time::Duration;

use castore_core::channel::{ClaimCheck, ClaimedMessage};
use castore_s3::{S3ClaimCheck, S3PointerError};
use serde_json::{Value, json};

use crate::support::{endpoint, fetch, with_bucket};

fn url_of(pointer: &str) -> String {
    let pointer: Value = serde_json::from_str(pointer).unwrap();
    // The pointer contains nothing else, like a pointer of the original package.
    assert_eq!(pointer.as_object().unwrap().keys().collect::<Vec<_>>(), ["messageUrl"]);
    pointer["messageUrl"].as_str().unwrap().to_owned()
}

fn message(aggregate_id: &str, characters: usize) -> String {
    let event = json!({ "aggregateId": aggregate_id, "version": 3, "payload": { "text": "é🦀 ".repeat(characters) } });
    json!({ "eventStoreId": "POKEMONS", "event": event }).to_string()
}

#[tokio::test]
async fn any_message_can_be_fetched() {
    let (client, bucket) = with_bucket().await;
    let claim_check = S3ClaimCheck::builder(client, bucket).prefix("messages/").build().unwrap();
    for aggregate_id in ["pikachu", "a/b", "..", "a#1", "two words", "é🦀日本", "100%", "a+b&c=d?", "", "\"quoted\"\n"]
    {
        let json = message(aggregate_id, 10);
        let pointer =
            claim_check.check_in(ClaimedMessage::new("POKE/MONS", aggregate_id, Some(3)), json.clone()).await.unwrap();
        assert!(pointer.len() < 2_048, "a pointer is small: {}", pointer.len());
        assert_eq!(claim_check.redeem(&pointer).await.unwrap(), Some(json), "{aggregate_id}");
    }
}

#[tokio::test]
async fn large_message_can_be_fetched() {
    let (client, bucket) = with_bucket().await;
    let claim_check = S3ClaimCheck::new(client, bucket);
    let json = message("large", 1_000_000);
    assert!(json.len() > 7_000_000);
    let pointer = claim_check.check_in(ClaimedMessage::new("POKEMONS", "large", Some(3)), json.clone()).await.unwrap();
    assert!(claim_check.redeem(&pointer).await.unwrap() == Some(json));
}

#[tokio::test]
async fn message_that_is_stored_again_uses_the_same_key() {
    let (client, bucket) = with_bucket().await;
    let claim_check = S3ClaimCheck::builder(client.clone(), &bucket).prefix("messages/").build().unwrap();
    let claimed = ClaimedMessage::new("POKEMONS", "pikachu", Some(3));
    for _ in 0..3 {
        claim_check.check_in(claimed, message("pikachu", 1)).await.unwrap();
    }
    // The same event with other content, and an aggregate-exists message.
    claim_check.check_in(claimed, message("pikachu", 2)).await.unwrap();
    claim_check.check_in(ClaimedMessage::new("POKEMONS", "pikachu", None), message("pikachu", 1)).await.unwrap();
    let listed = client.list_objects_v2().bucket(&bucket).send().await.unwrap();
    let keys: Vec<_> = listed.contents().iter().filter_map(|object| object.key()).collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
    assert!(keys.iter().all(|key| key.starts_with("messages/POKEMONS/pikachu/")), "{keys:?}");
    let object = client.head_object().bucket(&bucket).key(keys[0]).send().await.unwrap();
    assert_eq!(object.content_type(), Some("application/json"));
}

/// Consumers of the original packages fetch the URL with a GET request.
#[tokio::test]
async fn the_url_can_be_fetched() {
    let (client, bucket) = with_bucket().await;
    let claim_check = S3ClaimCheck::new(client, bucket);
    let json = message("a/é #1", 1_000);
    let pointer = claim_check.check_in(ClaimedMessage::new("POKEMONS", "a/é #1", Some(3)), json.clone()).await.unwrap();
    let url = url_of(&pointer);
    assert!(url.contains("X-Amz-Expires=900") && url.contains("X-Amz-Signature="), "a presigned URL");
    let (status, content_type, body) = fetch(&url).await;
    assert_eq!((status, content_type.as_str()), (200, "application/json"));
    assert!(body == json, "another body");
}

/// Consumers of this crate do not need the signature.
#[tokio::test]
async fn a_signature_may_have_expired() {
    let (client, bucket) = with_bucket().await;
    let claim_check = S3ClaimCheck::builder(client, bucket).signature_expiry(Duration::from_secs(1)).build().unwrap();
    let json = message("old", 1);
    let pointer = claim_check.check_in(ClaimedMessage::new("POKEMONS", "old", Some(3)), json.clone()).await.unwrap();
    let url = url_of(&pointer);
    assert!(url.contains("X-Amz-Expires=1&"), "the shortest there is");
    assert_eq!(fetch(&url.replace("X-Amz-Signature=", "X-Amz-Signature=0")).await.0, 403, "signatures are looked at");
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(fetch(&url).await.0, 403, "it has expired");
    assert_eq!(claim_check.redeem(&pointer).await.unwrap(), Some(json.clone()));
    let unsigned = json!({ "messageUrl": url.split('?').next() }).to_string();
    assert_eq!(claim_check.redeem(&unsigned).await.unwrap(), Some(json));
}

#[tokio::test]
async fn missing_message_is_a_permanent_failure() {
    let (client, bucket) = with_bucket().await;
    let claim_check = S3ClaimCheck::new(client.clone(), &bucket);
    let pointer = claim_check.check_in(ClaimedMessage::new("POKEMONS", "a", None), message("a", 1)).await.unwrap();
    let listed = client.list_objects_v2().bucket(&bucket).send().await.unwrap();
    client.delete_object().bucket(&bucket).key(listed.contents()[0].key().unwrap()).send().await.unwrap();
    let error = claim_check.redeem(&pointer).await.unwrap_err();
    assert!(error.permanent);
    assert_eq!(error.source.downcast_ref(), Some(&S3PointerError::Gone));
}

/// A missing bucket can be created later, and the message itself is valid.
#[tokio::test]
async fn missing_bucket_is_a_temporary_failure() {
    let (client, _) = with_bucket().await;
    let claim_check = S3ClaimCheck::new(client, "no-such-bucket-anywhere");
    let claimed = ClaimedMessage::new("POKEMONS", "a", None);
    assert!(!claim_check.check_in(claimed, message("a", 1)).await.unwrap_err().permanent);
}

/// The object was written by the original package, under its key.
#[tokio::test]
async fn objects_of_the_original_can_be_fetched() {
    let (client, bucket) = with_bucket().await;
    let (key, json) = ("prefix/POKEMONS/a b/2024-01-01T00:00:00.000Z#3", message("a b", 1));
    let put = client.put_object().bucket(&bucket).key(key).content_type("application/json");
    put.body(json.clone().into_bytes().into()).send().await.unwrap();
    let escaped = "prefix/POKEMONS/a%20b/2024-01-01T00%3A00%3A00.000Z%233";
    let url = format!("{}/{}/{escaped}?X-Amz-Algorithm=AWS4-HMAC-SHA256&x-id=GetObject", endpoint(), bucket);
    let pointer = json!({ "messageUrl": url }).to_string();
    assert_eq!(S3ClaimCheck::new(client, &bucket).redeem(&pointer).await.unwrap(), Some(json));
}
