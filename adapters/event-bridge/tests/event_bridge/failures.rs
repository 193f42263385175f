//! Tests of error responses of EventBridge, and of the publishing errors that follow.

use std::io::ErrorKind;

use castore::prelude::*;
use castore_core::message::StoredMessage;
use castore_core::storage::RawEvent;
use castore_event_bridge::{EventBridgeMessageBusAdapter, EventBusName, EventBusNameError, RefusedEventError};

use crate::canned::{Answer, Canned, error, taken};
use crate::domain::{AppBus, AppBusMessage, appeared, leveled_up};

/// Publishes the given number of messages in one call.
async fn publish(canned: &Canned, messages: usize) -> Result<(), PublishError> {
    let app_bus = AppBus::new();
    canned.builder().attach_to(&app_bus).unwrap();
    let messages: Vec<_> = (1..=messages).map(|number| leveled_up(&format!("a{number}"), 1)).collect();
    app_bus.publish_messages(messages).await
}

/// Returns the index of each rejected message, whether the rejection is permanent, and EventBridge's code.
fn rejected(result: Result<(), PublishError>) -> Vec<(usize, bool, Option<String>)> {
    let Err(PublishError::Rejected { rejected, .. }) = result else { panic!("{result:?}") };
    let code = |reason: &(dyn std::error::Error + Send + Sync + 'static)| {
        reason.downcast_ref::<RefusedEventError>().map(|error| error.code.clone())
    };
    rejected.iter().map(|one| (one.index, one.permanent, code(&*one.reason))).collect()
}

#[tokio::test]
async fn temporarily_failed_entries_are_retried() {
    let canned = Canned::new([
        Answer::Entries(vec![None, Some("InternalFailure"), None, Some("ThrottlingException")]),
        Answer::Entries(vec![Some("ThrottlingException"), None]),
        taken(),
    ]);
    publish(&canned, 4).await.unwrap();
    assert_eq!(canned.sizes(), [4, 2, 1]);
    let aggregate = |entry: &serde_json::Value| {
        let detail: serde_json::Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
        detail["event"]["aggregateId"].as_str().unwrap().to_owned()
    };
    let sent: Vec<_> = canned.entries().iter().map(aggregate).collect();
    assert_eq!(sent, ["a1", "a2", "a3", "a4", "a2", "a4", "a2"]);
}

#[tokio::test]
async fn entries_that_always_fail_are_named() {
    let failing = || Answer::Entries(vec![Some("InternalFailure")]);
    let canned =
        Canned::new([Answer::Entries(vec![None, Some("InternalFailure"), None]), failing(), failing(), failing()]);
    let refused = rejected(publish(&canned, 3).await);
    assert_eq!(refused, [(1, false, Some("InternalFailure".to_owned()))]);
    assert_eq!(canned.sizes(), [3, 1, 1, 1], "four attempts");
}

#[tokio::test]
async fn rejected_entries_are_not_retried() {
    let codes = ["MalformedDetail", "InvalidArgument", "NotAuthorizedForSourceException", "RedactionFailure"];
    for code in codes {
        let canned = Canned::new([Answer::Entries(vec![None, Some(code), None])]);
        assert_eq!(rejected(publish(&canned, 3).await), [(1, true, Some(code.to_owned()))]);
        assert_eq!(canned.sizes(), [3]);
    }
}

/// Denied access and a missing bus are not caused by the message.
#[tokio::test]
async fn denied_access_and_a_missing_bus_are_temporary_failures() {
    for code in ["AccessDeniedException", "InvalidAccountIdException", "ResourceNotFoundException"] {
        let refusing = || Answer::Entries(vec![Some(code)]);
        let canned = Canned::new([refusing(), refusing(), refusing(), refusing()]);
        assert_eq!(rejected(publish(&canned, 1).await), [(0, false, Some(code.to_owned()))]);
    }
}

#[tokio::test]
async fn entry_without_outcome_is_retried() {
    let canned = Canned::new([Answer::Entries(vec![None, Some("")]), taken()]);
    publish(&canned, 2).await.unwrap();
    assert_eq!(canned.sizes(), [2, 1]);
    let short = r#"{"FailedEntryCount":0,"Entries":[{"EventId":"one"}]}"#;
    let canned = Canned::new([Answer::Http(200, short.into()), taken()]);
    publish(&canned, 2).await.unwrap();
    assert_eq!(canned.sizes(), [2, 1]);
}

#[tokio::test]
async fn temporarily_failed_requests_are_retried() {
    let away = [
        error(400, "ThrottlingException"),
        error(500, "InternalException"),
        Answer::Http(503, String::new()),
        Answer::Broken(ErrorKind::ConnectionReset),
        Answer::Broken(ErrorKind::ConnectionRefused),
    ];
    for answer in away {
        let canned = Canned::new([answer.clone(), answer.clone(), answer.clone(), taken()]);
        publish(&canned, 2).await.unwrap();
        assert_eq!(canned.sizes(), [2, 2, 2, 2]);
        let canned = Canned::new(std::iter::repeat_n(answer, 4));
        let result = publish(&canned, 2).await;
        assert!(matches!(result, Err(PublishError::Broker(_))), "{result:?}");
    }
}

/// After an outage in the middle of a call, the error lists the remaining messages. None of them is rejected
/// permanently.
#[tokio::test]
async fn an_outage_names_what_was_not_published() {
    let canned = Canned::new([taken()].into_iter().chain(std::iter::repeat_n(error(400, "AccessDeniedException"), 5)));
    let refused = rejected(publish(&canned, 60).await);
    assert!(refused.iter().all(|(_, permanent, _)| !permanent));
    let published = 60 - refused.len();
    assert!((10..60).contains(&published), "{published} were published");
    assert!(refused.iter().all(|(index, ..)| *index >= 10));
}

#[tokio::test]
async fn denied_access_is_an_outage() {
    for code in
        ["AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException", "ResourceNotFoundException"]
    {
        let canned = Canned::new([error(400, code)]);
        let result = publish(&canned, 3).await;
        assert!(matches!(result, Err(PublishError::Broker(_))), "{code}: {result:?}");
        assert_eq!(canned.sizes(), [3], "{code} was tried again");
    }
}

/// If a request is rejected because of one entry, the other entries are still published.
#[tokio::test]
async fn only_invalid_entries_of_a_malformed_request_are_rejected() {
    let canned = Canned::new([error(400, "ValidationException"), taken(), error(400, "ValidationException"), taken()]);
    let refused = rejected(publish(&canned, 3).await);
    assert_eq!(refused.len(), 1);
    assert!(refused[0].1);
    assert_eq!(canned.sizes(), [3, 1, 1, 1]);
}

#[tokio::test]
async fn unresolved_bus_name_sends_no_request() {
    let names = [
        EventBusName::from("not a name"),
        EventBusName::resolved_by(|| async { Err::<String, _>("the parameter store is unavailable") }),
    ];
    for name in names {
        let (app_bus, canned) = (AppBus::new(), Canned::new([]));
        EventBridgeMessageBusAdapter::attach_to(&app_bus, canned.client(), name);
        let result = app_bus.publish_message(leveled_up("a", 1)).await;
        let Err(PublishError::Broker(error)) = result else { panic!("{result:?}") };
        assert!(error.is::<EventBusNameError>(), "{error}");
        assert_eq!(canned.sizes(), [] as [usize; 0]);
    }
}

#[tokio::test]
async fn reserved_event_types_are_rejected_individually() {
    let raw = |event_type: &'static str| {
        StoredMessage::notification(
            "POKEMONS".into(),
            RawEvent {
                aggregate_id: "a".into(),
                version: 1,
                event_type: event_type.into(),
                timestamp: "2024-01-01T00:00:00.000Z".parse().unwrap(),
                payload: None,
                metadata: None,
            },
        )
    };
    let (app_bus, canned) = (AppBus::new(), Canned::new([]));
    canned.builder().attach_to(&app_bus).unwrap();
    let raws = vec![raw("APPEARED"), raw("__REPLAYED__"), raw("LEVELED_UP")];
    let result = app_bus.adapter().unwrap().publish_stored_messages(raws, Default::default()).await;
    let refused = rejected(result);
    assert_eq!(refused, [(1, true, None)]);
    assert_eq!(canned.sizes(), [2]);
}

/// Neither errors nor debug output contain the content of a message.
#[tokio::test]
async fn errors_and_debug_output_contain_no_payloads() {
    let app_bus = AppBus::new();
    for answer in [
        Answer::Entries(vec![Some("MalformedDetail")]),
        error(400, "ValidationException"),
        error(400, "AccessDeniedException"),
    ] {
        let canned = Canned::new([answer]);
        let adapter = canned.builder::<AppBus>().attach_to(&app_bus).unwrap();
        let messages: Vec<AppBusMessage> = vec![appeared("a", 20)];
        let error = app_bus.publish_messages(messages).await.unwrap_err();
        let told = format!("{error} {error:?} {adapter:?} {app_bus:?}");
        assert!(!told.contains("ssss"), "{told}");
    }
}

#[tokio::test]
async fn invalid_options_are_rejected_when_the_adapter_is_built() {
    let canned = Canned::new([]);
    let app_bus = AppBus::new();
    let error = canned.builder().max_message_bytes(0).attach_to(&app_bus).unwrap_err();
    assert_eq!(error.to_string(), "invalid option `max_message_bytes`: must be at least 1");
    assert!(app_bus.adapter().is_none());
    assert_eq!(canned.builder::<AppBus>().attempts(0).build().unwrap_err().option, "attempts");
}
