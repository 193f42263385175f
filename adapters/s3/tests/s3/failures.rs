//! Tests of error responses of S3.

use std::io::ErrorKind;
use std::time::Duration;

use castore_core::channel::{ClaimCheck, ClaimCheckError, ClaimedMessage};
use castore_s3::{S3ClaimCheckBuilder, S3ClaimError, S3PointerError};

use crate::canned::{Answer, Canned, error, ok};

const POINTER: &str = r#"{"messageUrl":"https://large-messages.s3.us-east-1.amazonaws.com/a"}"#;

async fn check_in(canned: &Canned) -> Result<String, ClaimCheckError> {
    canned.claim_check().check_in(ClaimedMessage::new("POKEMONS", "a", Some(1)), "{}".to_owned()).await
}

/// A request may be sent twice, because both requests store the same content under the same key.
#[tokio::test]
async fn temporary_failures_are_retried() {
    for answer in [
        error(503, "SlowDown"),
        error(500, "InternalError"),
        Answer::Http(502, vec![]),
        Answer::Broken(ErrorKind::ConnectionReset),
        Answer::Broken(ErrorKind::ConnectionRefused),
    ] {
        let canned = Canned::new([answer.clone(), answer.clone(), ok("")]);
        check_in(&canned).await.unwrap();
        let requests = canned.requests();
        assert_eq!(requests.len(), 3);
        assert!(requests.iter().all(|request| request == &requests[0] && request.0 == "PUT"), "{requests:?}");

        let canned = Canned::new([answer.clone(), answer.clone(), ok("{}")]);
        assert_eq!(canned.claim_check().redeem(POINTER).await.unwrap().as_deref(), Some("{}"));

        let canned = Canned::new(std::iter::repeat_n(answer.clone(), 6));
        assert!(!check_in(&canned).await.unwrap_err().permanent);
        let error = canned.claim_check().redeem(POINTER).await.unwrap_err();
        assert!(!error.permanent, "{answer:?}");
        canned.requests();
    }
}

/// A missing permission or bucket can be added later, so the messages must not be rejected permanently.
#[tokio::test]
async fn missing_permissions_and_buckets_are_temporary_failures() {
    for (status, code) in
        [(403, "AccessDenied"), (403, "InvalidAccessKeyId"), (404, "NoSuchBucket"), (400, "ExpiredToken")]
    {
        let canned = Canned::new([error(status, code), error(status, code)]);
        for failure in [check_in(&canned).await.unwrap_err(), canned.claim_check().redeem(POINTER).await.unwrap_err()] {
            let text = castore_core::error::error_chain(&failure);
            assert!(!failure.permanent && text.contains(code), "{text}");
        }
        assert_eq!(canned.requests().len(), 2, "{code} was tried again");
    }
    let canned = Canned::new([error(403, "AccessDenied")]);
    let failure = check_in(&canned).await.unwrap_err();
    assert!(matches!(failure.source.downcast_ref(), Some(S3ClaimError::Request(_))), "{failure:?}");
}

#[tokio::test]
async fn missing_and_unreadable_objects_are_permanent_failures() {
    for (answer, expected) in [
        (error(404, "NoSuchKey"), S3PointerError::Gone),
        (Answer::Http(200, vec![b'"', 0xff, b'"']), S3PointerError::NoText),
        (ok(&"x".repeat(101)), S3PointerError::TooLarge { limit: 100 }),
    ] {
        let canned = Canned::new([answer]);
        let failure = canned.builder().max_message_bytes(100).build().unwrap().redeem(POINTER).await.unwrap_err();
        assert!(failure.permanent);
        assert_eq!(failure.source.downcast_ref(), Some(&expected));
        canned.requests();
    }
    let canned = Canned::new([ok(&"x".repeat(100))]);
    assert!(canned.builder().max_message_bytes(100).build().unwrap().redeem(POINTER).await.unwrap().is_some());
}

/// An incomplete object is an error.
#[tokio::test]
async fn incomplete_response_is_retried() {
    let canned = Canned::new([Answer::BreaksOff("{\"half\":".into()), ok("{\"whole\":1}")]);
    assert_eq!(canned.claim_check().redeem(POINTER).await.unwrap().as_deref(), Some("{\"whole\":1}"));
    assert_eq!(canned.requests().len(), 2);
}

#[tokio::test]
async fn invalid_options_are_rejected_when_the_claim_check_is_built() {
    let canned = Canned::new([]);
    let text = |builder: S3ClaimCheckBuilder| builder.build().unwrap_err().to_string();
    let rule = "invalid option `signature_expiry`: must be between 1 second and 7 days";
    assert_eq!(text(canned.builder().signature_expiry(Duration::ZERO)), rule);
    assert_eq!(text(canned.builder().signature_expiry(Duration::from_secs(604_801))), rule);
    canned.builder().signature_expiry(Duration::from_secs(604_800)).build().unwrap();
    assert_eq!(text(canned.builder().max_message_bytes(0)), "invalid option `max_message_bytes`: must be at least 1");
    assert_eq!(text(canned.builder().attempts(0)), "invalid option `attempts`: must be at least 1");
}
