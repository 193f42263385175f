//! Tests of pointers and of JSON that resembles pointers.

use castore_core::channel::{ClaimCheck, ClaimedMessage};
use castore_s3::S3PointerError;
use serde_json::json;

use crate::canned::{Canned, ok};
use crate::support::BUCKET;

#[tokio::test]
async fn messages_are_not_pointers() {
    let canned = Canned::new([]);
    for json in [
        r#"{"eventStoreId":"POKEMONS","event":{"aggregateId":"a","version":1,"type":"T","payload":{"messageUrl":"x"}}}"#,
        r#"{"eventStoreId":"POKEMONS","messageUrl":"https://large-messages.s3.us-east-1.amazonaws.com/a"}"#,
        "{}",
        "[]",
        "no JSON",
        "",
    ] {
        assert_eq!(canned.claim_check().redeem(json).await.unwrap(), None, "{json}");
    }
    assert_eq!(canned.requests(), []);
}

/// URLs of the bucket in both styles, with a client without a custom endpoint.
#[tokio::test]
async fn urls_of_the_bucket_are_read() {
    for url in [
        "https://large-messages.s3.us-east-1.amazonaws.com/a/b?X-Amz-Signature=0",
        "https://s3.us-east-1.amazonaws.com/large-messages/a/b",
    ] {
        let canned = Canned::new([ok("{\"eventStoreId\":\"POKEMONS\"}")]);
        let found = canned.claim_check().redeem(&json!({ "messageUrl": url }).to_string()).await.unwrap();
        assert_eq!(found.as_deref(), Some("{\"eventStoreId\":\"POKEMONS\"}"));
        let requests = canned.requests();
        assert_eq!((requests.len(), requests[0].0.as_str()), (1, "GET"));
        assert!(
            requests[0].1.starts_with("https://large-messages.s3.us-east-1.amazonaws.com/a/b?x-id=GetObject"),
            "{requests:?}"
        );
    }
}

/// No request is sent to a URL in a message.
#[tokio::test]
async fn other_urls_are_refused_without_a_request() {
    let canned = Canned::new([]);
    for url in [
        "http://169.254.169.254/latest/meta-data/iam/security-credentials",
        "https://evil.example/large-messages/a",
        "https://other-bucket.s3.us-east-1.amazonaws.com/a",
        "https://s3.us-east-1.amazonaws.com/other-bucket/a",
        "https://large-messages.s3.us-east-1.amazonaws.com.evil.example/a",
        "https://large-messages.s3.us-east-1.amazonaws.com@evil.example/a",
        "https://evil.example#@large-messages.s3.us-east-1.amazonaws.com/a",
        "https://large-messages.s3.us-east-1.amazonaws.com:8443/a",
        "http://large-messages.s3.us-east-1.amazonaws.com/a",
        "https://large-messages.s3.us-east-1.amazonaws.com/",
        "https://large-messages.s3.eu-west-1.amazonaws.com/a",
        "file:///etc/passwd",
        "not a url",
        "",
    ] {
        let pointer = json!({ "messageUrl": url }).to_string();
        let error = canned.claim_check().redeem(&pointer).await.unwrap_err();
        assert!(error.permanent, "{url}");
        assert_eq!(error.source.downcast_ref(), Some(&S3PointerError::OtherPlace), "{url}");
        let told = format!("{error} {error:?}");
        assert!(url.is_empty() || !told.contains(url), "{told}");
    }
    assert_eq!(canned.requests(), []);
}

#[tokio::test]
async fn other_urls_of_the_bucket_can_be_added() {
    let url = "https://large-messages.s3.amazonaws.com/a%2Fb?X-Amz-Signature=0";
    let pointer = json!({ "messageUrl": url }).to_string();
    let canned = Canned::new([ok("{}")]);
    assert!(canned.claim_check().redeem(&pointer).await.unwrap_err().permanent);
    let told = canned.builder().also_known_as("https://large-messages.s3.amazonaws.com").build().unwrap();
    assert_eq!(told.redeem(&pointer).await.unwrap().as_deref(), Some("{}"));
    // The request goes to the bucket, regardless of the URL in the pointer.
    assert!(canned.requests()[0].1.starts_with("https://large-messages.s3.us-east-1.amazonaws.com/a/b?"));
}

/// Debug output and errors contain neither signatures nor content of messages.
#[tokio::test]
async fn errors_and_debug_output_contain_no_secrets() {
    let canned = Canned::new(std::iter::repeat_n(crate::canned::error(403, "AccessDenied"), 2));
    let claim_check = canned.claim_check();
    let message = ClaimedMessage::new("POKEMONS", "a", Some(1));
    let not_kept = claim_check.check_in(message, "{\"secret\":1}".into()).await.unwrap_err();
    let url = format!("https://{BUCKET}.s3.us-east-1.amazonaws.com/a?X-Amz-Signature=secret");
    let not_found = claim_check.redeem(&json!({ "messageUrl": url }).to_string()).await.unwrap_err();
    for told in [format!("{claim_check:?}"), format!("{not_kept} {not_kept:?}"), format!("{not_found} {not_found:?}")] {
        assert!(!told.contains("secret") && !told.contains("X-Amz"), "{told}");
    }
}
