//! Tests of the responses of a Lambda function.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use castore::prelude::*;
use castore_core::consumer::{HandlerError, RetryPolicy};
use castore_sqs::{
    SqsLambdaHandler, SqsLambdaHandlerBuilder, SqsMessageQueueMessage, SqsMessageQueueMessageBody,
    SqsMessageQueueRecord,
};
use serde_json::{Value, json};

use crate::domain::{AppQueue, AppQueueMessage, Pokemon, PokemonEventType, appeared, key, named};
use crate::support::Calls;

fn body(aggregate_id: &str, version: u64) -> String {
    serde_json::to_string(&appeared::<AppQueueMessage>(aggregate_id, version)).unwrap()
}

/// Returns a record in the format of Lambda, with the id of the message.
fn record(queue: &str, aggregate_id: &str, version: u64, attempt: u32) -> Value {
    json!({
        "messageId": format!("{aggregate_id}{version}"),
        "receiptHandle": "handle",
        "body": body(aggregate_id, version),
        "attributes": {
            "ApproximateReceiveCount": attempt.to_string(),
            "SentTimestamp": "1545082649183",
            "MessageGroupId": format!("POKEMONS#{aggregate_id}"),
        },
        "messageAttributes": {
            "messageId": { "stringValue": "POKEMONS", "stringListValues": [], "binaryListValues": [], "dataType": "String" },
        },
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:us-east-2:123456789012:{queue}"),
        "awsRegion": "us-east-2",
    })
}

fn event(records: impl IntoIterator<Item = Value>) -> SqsEvent {
    serde_json::from_value(json!({ "Records": records.into_iter().collect::<Vec<_>>() })).unwrap()
}

fn failures(response: &SqsBatchResponse) -> Vec<&str> {
    response.batch_item_failures.iter().map(|failure| &*failure.item_identifier).collect()
}

/// Returns a handler that records its calls and fails for the given messages with the error that `error` creates.
fn failing(calls: &Calls, fails: &'static [&'static str], error: fn() -> HandlerError) -> SqsLambdaHandler<AppQueue> {
    failing_builder(calls, fails, error).build().unwrap()
}

fn failing_builder(
    calls: &Calls,
    fails: &'static [&'static str],
    error: fn() -> HandlerError,
) -> SqsLambdaHandlerBuilder<AppQueue> {
    let calls = calls.clone();
    SqsLambdaHandler::builder(&AppQueue::new(), move |message, context| {
        calls.note(key(&message), context.attempt);
        let (aggregate_id, version) = key(&message);
        async move { if fails.contains(&&*format!("{aggregate_id}{version}")) { Err(error()) } else { Ok(()) } }
    })
}

fn failure() -> HandlerError {
    HandlerError::new("a failure of the test")
}

#[test]
fn messages_are_read_with_their_context() {
    let mut record = record("app-queue.fifo", "a", 1, 3);
    let received = |record: &Value| {
        let event = event([record.clone()]);
        SqsMessageQueueRecord::<AppQueue>::try_from(&event.records[0]).unwrap()
    };
    let live = received(&record);
    assert_eq!((key(&live.message), live.attempt, live.replay), (("a".to_owned(), 1), 3, false));
    assert_eq!((live.sqs_message_id.as_deref(), live.group_id.as_deref()), (Some("a1"), Some("POKEMONS#a")));
    record["messageAttributes"]["replay"] = json!({ "stringValue": "1", "dataType": "Number" });
    assert!(received(&record).replay);
    record["body"] = serde_json::to_string(&named::<AppQueueMessage>("a", 1, "secret-payload")).unwrap().into();
    assert!(!format!("{:?}", received(&record)).contains("secret"));
}

#[test]
fn records_of_an_event_are_read_one_at_a_time() {
    let mut malformed = record("app-queue", "b", 1, 1);
    malformed["body"] = json!("secret");
    let records = [record("app-queue", "a", 1, 2), malformed, record("app-queue", "c", 1, 1)];
    let event: SqsMessageQueueMessage<AppQueue> = serde_json::from_value(json!({ "Records": records })).unwrap();
    let read = event.records().map(|record| record.ok().map(|record| (key(&record.message).0, record.attempt)));
    assert_eq!(read.collect::<Vec<_>>(), [Some(("a".to_owned(), 2)), None, Some(("c".to_owned(), 1))]);
    let body: SqsMessageQueueMessageBody<AppQueue> = serde_json::from_str(&body("a", 1)).unwrap();
    assert_eq!(key(&body), ("a".to_owned(), 1));
    assert_eq!(event.event().records.len(), 3);
    assert!(!format!("{event:?}").contains("secret"));
}

#[tokio::test]
async fn only_failed_messages_are_reported() {
    let calls = Calls::default();
    let handler = failing(&calls, &["b1", "d1"], failure);
    let records = ["a", "b", "c", "d"].map(|aggregate_id| record("app-queue", aggregate_id, 1, 2));
    let response = handler.handle(&event(records)).await;
    assert_eq!(failures(&response), ["b1", "d1"]);
    let mut called = calls.all();
    called.sort();
    assert_eq!(called, ["a", "b", "c", "d"].map(|aggregate_id| (aggregate_id.to_owned(), 1, 2)));
    let all_well = handler.handle(&event([record("app-queue", "a", 1, 1)])).await;
    let answer = serde_json::to_value(&all_well).unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
}

/// Standard queues are not ordered, even if their messages have groups.
#[tokio::test]
async fn messages_of_standard_queues_do_not_wait() {
    let calls = Calls::default();
    let handler = failing(&calls, &["a1"], failure);
    let response = handler.handle(&event([record("app-queue", "a", 1, 1), record("app-queue", "a", 2, 1)])).await;
    assert_eq!((failures(&response), calls.all().len()), (vec!["a1"], 2));
}

#[tokio::test]
async fn later_messages_of_a_failed_group_are_reported_on_fifo_queues() {
    let calls = Calls::default();
    let handler = failing(&calls, &["a2"], failure);
    let records = [("a", 1), ("b", 1), ("a", 2), ("a", 3), ("b", 2), ("a", 4)]
        .map(|(aggregate_id, version)| record("app-queue.fifo", aggregate_id, version, 1));
    let response = handler.handle(&event(records)).await;
    assert_eq!(failures(&response), ["a2", "a3", "a4"]);
    let names = calls.names();
    let of =
        |aggregate_id: &str| names.iter().filter(|name| name.starts_with(aggregate_id)).cloned().collect::<Vec<_>>();
    assert_eq!((of("a"), of("b")), (vec!["a1".into(), "a2".into()], vec!["b1".into(), "b2".into()]));
}

#[tokio::test]
async fn undecodable_messages_that_pass_no_filter_are_not_reported() {
    let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::LeveledUp);
    let listeners = Listeners::<AppQueue>::new().on(filter, |_, _| async { Ok(()) });
    let handler = SqsLambdaHandler::builder_with_listeners(&AppQueue::new(), listeners).build().unwrap();
    let mut unknown = record("app-queue", "a", 1, 1);
    unknown["body"] = unknown["body"].as_str().unwrap().replace("APPEARED", "EVOLVED").into();
    let mut wanted = record("app-queue", "b", 1, 1);
    wanted["body"] = wanted["body"]
        .as_str()
        .unwrap()
        .replace("APPEARED", "LEVELED_UP")
        .replace("version\":1", "version\":\"1\"")
        .into();
    assert_eq!(failures(&handler.handle(&event([unknown, wanted])).await), ["b1"]);
}

#[tokio::test]
async fn malformed_messages_fail_and_hold_their_group() {
    let calls = Calls::default();
    let handler = failing(&calls, &[], failure);
    let mut records = [1, 2, 3].map(|version| record("app-queue.fifo", "a", version, 1));
    records[1]["body"] = "no JSON".into();
    let response = handler.handle(&event(records)).await;
    assert_eq!((failures(&response), calls.names()), (vec!["a2", "a3"], vec!["a1".to_owned()]));
}

/// Without an id the failure cannot be reported. An empty id makes Lambda deliver the whole batch again.
#[tokio::test]
async fn a_failure_without_id_is_not_lost() {
    let handler = failing(&Calls::default(), &["a1"], failure);
    let mut record = record("app-queue", "a", 1, 1);
    record.as_object_mut().unwrap().remove("messageId");
    assert_eq!(failures(&handler.handle(&event([record])).await), [""]);
}

#[tokio::test]
async fn dead_letters_call_the_hook_and_are_reported() {
    let letters = Arc::new(Mutex::new(Vec::new()));
    let told = letters.clone();
    let handler = failing_builder(&Calls::default(), &["a1", "b1", "c1"], failure)
        .retry_policy(RetryPolicy::immediately(1))
        .on_dead_letter(move |letter| {
            told.lock().unwrap().push((key(letter.message().unwrap()).0, letter.attempts));
            panic!("a panic of the test");
        })
        .build()
        .unwrap();
    let records =
        [("a", 1), ("b", 2), ("c", 7)].map(|(aggregate_id, attempt)| record("app-queue", aggregate_id, 1, attempt));
    let response = handler.handle(&event(records)).await;
    assert_eq!(failures(&response), ["a1", "b1", "c1"]);
    let mut letters = letters.lock().unwrap().clone();
    letters.sort();
    assert_eq!(letters, [("b".to_owned(), 2), ("c".to_owned(), 7)]);
}

#[tokio::test]
async fn skipped_messages_are_handled() {
    let handler = failing(&Calls::default(), &["a1"], || HandlerError::skip("not wanted"));
    assert_eq!(failures(&handler.handle(&event([record("app-queue", "a", 1, 1)])).await), [""; 0]);
}

/// Running handlers finish, and no further handler starts.
#[tokio::test]
async fn no_handler_starts_after_a_stop() {
    let calls = Calls::default();
    let handler = failing_builder(&calls, &["b1"], || HandlerError::stop("the database is gone"));
    let handler = handler.concurrency(1).build().unwrap();
    let records = ["a", "b", "c", "d"].map(|aggregate_id| record("app-queue", aggregate_id, 1, 1));
    let response = handler.handle(&event(records)).await;
    assert_eq!((failures(&response), calls.names()), (vec!["b1", "c1", "d1"], vec!["a1".to_owned(), "b1".to_owned()]));
}

#[tokio::test]
async fn concurrency_limits_the_running_handlers() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let handler = SqsLambdaHandler::builder(&AppQueue::new(), move |_, _| {
        let (running, seen) = (running.clone(), seen.clone());
        async move {
            seen.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            running.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        }
    })
    .concurrency(3)
    .build()
    .unwrap();
    let records: Vec<_> = (1..=9).map(|version| record("app-queue", "a", version, 1)).collect();
    // `tokio::spawn` requires a `Send` future, as `lambda_runtime` does.
    let response = tokio::spawn(async move { handler.handle(&event(records)).await }).await.unwrap();
    assert_eq!((failures(&response).len(), most.load(Ordering::SeqCst)), (0, 3));
}

#[tokio::test]
async fn listeners_are_handlers() {
    let calls = Calls::default();
    let noted = calls.clone();
    let listeners = Listeners::<AppQueue>::new().on(Filter::store::<Pokemon>(), move |message, context| {
        noted.note((message.event.aggregate_id.clone(), message.event.version), context.attempt);
        async { Ok(()) }
    });
    let handler = SqsLambdaHandler::builder_with_listeners(&AppQueue::new(), listeners).build().unwrap();
    let response = handler.handle(&event([record("q", "a", 1, 1)])).await;
    assert_eq!((failures(&response), calls.names()), (vec![], vec!["a1".to_owned()]));
}

#[test]
fn invalid_options_are_rejected_when_the_handler_is_built() {
    let error = failing_builder(&Calls::default(), &[], failure).concurrency(0).build().unwrap_err();
    assert_eq!(error.to_string(), "invalid option `concurrency`: must be at least 1");
}
