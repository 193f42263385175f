//! Tests with responses that SQS may return, but the emulator never returns.

use std::io;
use std::time::Duration;

use castore_core::channel::{HeldBackError, MessageChannelAdapter, PublishError, RejectedMessage};
use castore_sqs::{EntryTooLargeError, SqsAdapterBuilder, SqsFifoMessageQueueAdapter, SqsMessageQueueAdapter};

use crate::canned::{Answer, Canned, FIFO_URL, URL, batch, error, ok, quick};
use crate::domain::{AppQueue, AppQueueMessage, LIVE, OrderedQueue, appeared, named, raw};

fn messages<M: for<'de> serde::Deserialize<'de>>(aggregates: &[(&str, u64)]) -> Vec<M> {
    aggregates.iter().map(|(aggregate_id, version)| appeared(aggregate_id, *version)).collect()
}

fn rejected(ended: Result<(), PublishError>) -> Vec<RejectedMessage> {
    match ended {
        Err(PublishError::Rejected { rejected, .. }) => rejected,
        other => panic!("{other:?}"),
    }
}

fn told(rejected: &[RejectedMessage]) -> Vec<(usize, bool)> {
    rejected.iter().map(|rejected| (rejected.index, rejected.permanent)).collect()
}

#[tokio::test]
async fn entries_that_sqs_could_not_store_are_sent_again() {
    for code in ["InternalError", "ServiceUnavailable", "RequestThrottled", "KmsThrottled"] {
        // The code counts, regardless of whether SQS marks the failure as a fault of the sender.
        for sender_fault in [false, true] {
            let answers = [batch(&[0, 2], &[(1, code, sender_fault)]), batch(&[0], &[])];
            let canned = Canned::new(answers);
            let adapter = canned.standard::<AppQueue>();
            adapter.publish_messages(messages(&[("a", 1), ("b", 1), ("c", 1)]), LIVE).await.unwrap();
            assert_eq!(canned.sent(), [vec!["a1", "b1", "c1"], vec!["b1"]], "{code}");
        }
    }
}

#[tokio::test]
async fn entries_that_sqs_refuses_are_named() {
    let canned = Canned::new([batch(&[0, 2], &[(1, "InvalidMessageContents", true)])]);
    let ended = canned.standard::<AppQueue>().publish_messages(messages(&[("a", 1), ("b", 1), ("b", 2)]), LIVE).await;
    let rejected = rejected(ended);
    assert_eq!(told(&rejected), [(1, true)]);
    let reason = "SQS rejected an entry of a batch: InvalidMessageContents: what SQS says";
    assert_eq!(rejected[0].reason.to_string(), reason);
    assert_eq!(canned.sent().len(), 1);
}

#[tokio::test]
async fn entries_that_always_fail_are_rejected_temporarily() {
    let failed = || batch(&[], &[(0, "InternalError", false)]);
    let canned = Canned::new([batch(&[0], &[(1, "InternalError", false)]), failed(), failed(), failed()]);
    let ended = canned.standard::<AppQueue>().publish_messages(messages(&[("a", 1), ("b", 1)]), LIVE).await;
    assert_eq!(told(&rejected(ended)), [(1, false)]);
    assert_eq!(canned.sent().len(), 4);
}

#[tokio::test]
async fn denied_access_is_not_a_permanent_rejection() {
    let failed = || batch(&[], &[(0, "AccessDenied", true)]);
    let canned = Canned::new([failed(), failed(), failed(), failed()]);
    let ended = canned.standard::<AppQueue>().publish_messages(messages(&[("a", 1)]), LIVE).await;
    assert_eq!(told(&rejected(ended)), [(0, false)]);
}

#[tokio::test]
async fn after_a_refusal_an_aggregate_is_held_back() {
    let canned = Canned::new([batch(&[1], &[(0, "InvalidMessageContents", true)]), batch(&[0], &[])]);
    let adapter = canned.fifo::<OrderedQueue>();
    let ended = adapter.publish_messages(messages(&[("a", 1), ("a", 2), ("b", 1), ("b", 2)]), LIVE).await;
    let rejected = rejected(ended);
    assert_eq!(told(&rejected), [(0, true), (1, false)]);
    assert!(rejected[1].reason.is::<HeldBackError>());
    assert_eq!(canned.sent(), [vec!["a1", "b1"], vec!["b2"]]);
    assert!(MessageChannelAdapter::<<OrderedQueue as castore::MessageChannel>::Message>::preserves_order_on_rejection(
        &adapter
    ));
    let standard = canned.standard::<AppQueue>();
    assert!(!MessageChannelAdapter::<AppQueueMessage>::preserves_order_on_rejection(&standard));
}

#[tokio::test]
async fn whole_requests_are_sent_again() {
    let failures = [
        error(400, "ThrottlingException"),
        error(403, "RequestThrottled"),
        error(500, "InternalFailure"),
        Answer::Http(503, String::new()),
        Answer::Broken(io::ErrorKind::ConnectionRefused),
        Answer::Broken(io::ErrorKind::ConnectionReset),
    ];
    for failure in failures {
        let canned = Canned::new([failure.clone(), batch(&[0, 1], &[])]);
        canned.standard::<AppQueue>().publish_messages(messages(&[("a", 1), ("b", 1)]), LIVE).await.unwrap();
        assert_eq!(canned.sent().len(), 2);
        let canned = Canned::new([failure, ok(serde_json::json!({ "MessageId": "m" }))]);
        canned.fifo::<OrderedQueue>().publish_message(appeared("a", 1), LIVE).await.unwrap();
        let requests = canned.requests();
        assert_eq!(requests[0], requests[1], "the same, with its de-duplication id");
    }
}

/// An outage must not make a relay park the messages.
#[tokio::test]
async fn outages_are_not_rejections() {
    let failures = [
        (error(403, "AccessDenied"), 1),
        (error(400, "AWS.SimpleQueueService.NonExistentQueue"), 1),
        (error(400, "QueueDoesNotExist"), 1),
        (error(400, "KmsDisabled"), 1),
        (error(400, "ThrottlingException"), 4),
        (error(500, "InternalFailure"), 4),
        (Answer::Broken(io::ErrorKind::ConnectionRefused), 4),
    ];
    for (failure, times) in failures {
        let answers = || std::iter::repeat_n(failure.clone(), times);
        let canned = Canned::new(answers());
        let ended = canned.standard::<AppQueue>().publish_message(appeared("a", 1), LIVE).await;
        assert!(matches!(ended, Err(PublishError::Broker(_))), "{ended:?}");
        assert_eq!(canned.requests().len(), times);
        let canned = Canned::new(answers());
        let ended = canned.fifo::<OrderedQueue>().publish_messages(messages(&[("a", 1), ("b", 1)]), LIVE).await;
        assert!(matches!(ended, Err(PublishError::Broker(_))), "{ended:?}");
        assert_eq!(canned.requests().len(), times);
    }
}

#[tokio::test(start_paused = true)]
async fn responses_have_a_time_limit() {
    let canned = Canned::new([Answer::Never, Answer::Never]);
    let adapter = SqsMessageQueueAdapter::<AppQueue>::builder(canned.client(), URL);
    let adapter = adapter.attempts(2).timeout(Duration::from_secs(1)).build().unwrap();
    let ended = adapter.publish_message(appeared("a", 1), LIVE).await;
    assert!(matches!(&ended, Err(PublishError::Broker(error)) if error.to_string().contains("in time")), "{ended:?}");
}

#[tokio::test]
async fn an_outage_in_the_middle_names_the_rest() {
    let canned = Canned::new([batch(&[0], &[]), error(403, "AccessDenied")]);
    let ended = canned.fifo::<OrderedQueue>().publish_messages(messages(&[("a", 1), ("a", 2), ("a", 3)]), LIVE).await;
    assert_eq!(told(&rejected(ended)), [(1, false), (2, false)]);
}

/// SQS rejects a whole batch because of one of its entries.
#[tokio::test]
async fn invalid_entry_of_a_rejected_batch_is_identified() {
    for code in ["InvalidMessageContents", "InvalidParameterValue", "AWS.SimpleQueueService.BatchRequestTooLong"] {
        let refused = || error(400, code);
        let canned = Canned::new([refused(), batch(&[0], &[]), refused()]);
        // Published in order, so that each response belongs to the right request.
        let adapter = canned.fifo::<OrderedQueue>();
        let ended = adapter.publish_messages(messages(&[("a", 1), ("b", 1)]), LIVE).await;
        assert_eq!(told(&rejected(ended)), [(1, true)], "{code}");
        assert_eq!(canned.sent(), [vec!["a1", "b1"], vec!["a1"], vec!["b1"]]);
        let canned = Canned::new([refused()]);
        let ended = canned.standard::<AppQueue>().publish_message(appeared("a", 1), LIVE).await;
        assert_eq!(told(&rejected(ended)), [(0, true)], "{code}");
    }
}

#[tokio::test]
async fn large_messages_are_rejected_before_anything_is_sent() {
    const LIMIT: usize = 2_000;
    fn large<M: for<'de> serde::Deserialize<'de>>() -> M {
        named("a", 1, &"x".repeat(2_000))
    }
    let canned = Canned::all_well();
    let builder = || quick(SqsFifoMessageQueueAdapter::<OrderedQueue>::builder(canned.client(), FIFO_URL));
    let adapter = builder().max_message_bytes(LIMIT).build().unwrap();
    let refused = rejected(adapter.publish_message(large(), LIVE).await);
    assert_eq!(told(&refused), [(0, true)]);
    let error = refused[0].reason.downcast_ref::<EntryTooLargeError>().unwrap();
    assert!(error.bytes > LIMIT && error.limit == LIMIT, "{error:?}");
    assert!(!error.to_string().contains("xxx"), "{error}");
    assert_eq!(canned.requests(), []);
    let ended = adapter.publish_messages(vec![large(), appeared("b", 1), appeared("a", 2)], LIVE).await;
    assert_eq!(told(&rejected(ended)), [(0, true), (2, false)]);
    assert_eq!(canned.sent(), [["b1"]]);
    // The limit includes attributes, and is exact to the byte.
    let refused = |ended| rejected(ended)[0].reason.downcast_ref::<EntryTooLargeError>().unwrap().bytes;
    let bytes = refused(builder().max_message_bytes(1).build().unwrap().publish_message(large(), LIVE).await);
    assert!(bytes > serde_json::to_string(&large::<AppQueueMessage>()).unwrap().len() + "messageIdString".len());
    builder().max_message_bytes(bytes).build().unwrap().publish_message(large(), LIVE).await.unwrap();
    refused(builder().max_message_bytes(bytes - 1).build().unwrap().publish_message(large(), LIVE).await);
}

#[tokio::test]
async fn batches_are_limited_in_bytes() {
    let large: Vec<AppQueueMessage> = (1..=3).map(|version| named("a", version, &"x".repeat(800))).collect();
    let canned = Canned::all_well();
    let adapter =
        SqsMessageQueueAdapter::<AppQueue>::builder(canned.client(), URL).max_message_bytes(2_500).build().unwrap();
    adapter.publish_messages(large, LIVE).await.unwrap();
    assert_eq!(canned.sent(), [vec!["a1", "a2"], vec!["a3"]]);
}

#[tokio::test]
async fn queue_of_the_wrong_kind_is_not_a_rejection() {
    let canned = Canned::new([]);
    let standard = SqsMessageQueueAdapter::<AppQueue>::new(canned.client(), FIFO_URL);
    let fifo = SqsFifoMessageQueueAdapter::<OrderedQueue>::new(canned.client(), URL);
    for (ended, remedy) in [
        (standard.publish_message(appeared("a", 1), LIVE).await, "use SqsFifoMessageQueueAdapter"),
        (fifo.publish_messages(messages(&[("a", 1)]), LIVE).await, "use SqsMessageQueueAdapter"),
    ] {
        assert!(matches!(&ended, Err(PublishError::Broker(error)) if error.to_string().contains(remedy)), "{ended:?}");
    }
}

/// Relays publish events that are unknown to this program.
#[tokio::test]
async fn stored_messages_pass_as_text() {
    let canned = Canned::all_well();
    let payload = r#"{ "big": 12345678901234567890.10,  "spaces": 1 }"#;
    canned.fifo::<OrderedQueue>().publish_stored_messages(vec![raw("a", 7, payload)], LIVE).await.unwrap();
    let entry = canned.requests()[0].1["Entries"][0].clone();
    assert!(entry["MessageBody"].as_str().unwrap().contains(payload), "{entry}");
    assert_eq!(entry["MessageDeduplicationId"], "POKEMONS#a#7");
    assert_eq!(entry["MessageAttributes"]["messageId"]["StringValue"], "POKEMONS#a#7");
}

#[tokio::test]
async fn errors_and_debug_output_contain_no_content() {
    let canned =
        Canned::new([error(400, "InvalidMessageContents"), batch(&[], &[(0, "InvalidMessageContents", true)])]);
    let adapter = canned.standard::<AppQueue>();
    let private = || named("a", 1, "secret-payload");
    let ended = [adapter.publish_message(private(), LIVE).await, adapter.publish_messages(vec![private()], LIVE).await];
    let told = format!("{ended:?} {adapter:?}");
    assert!(!told.contains("secret"), "{told}");
}

#[tokio::test]
async fn invalid_options_are_rejected_when_the_adapter_is_built() {
    let client = Canned::new([]).client();
    let builder = || SqsMessageQueueAdapter::<AppQueue>::builder(client.clone(), URL);
    let text = |builder: SqsAdapterBuilder<_>| builder.build().unwrap_err().to_string();
    assert_eq!(text(builder().attempts(0)), "invalid option `attempts`: must be at least 1");
    assert_eq!(text(builder().timeout(Duration::ZERO)), "invalid option `timeout`: must be greater than 0");
    let rule = "must not be greater than `max_message_bytes`";
    let over = builder().max_message_bytes(10).claim_check_over(11);
    assert_eq!(text(over), format!("invalid option `claim_check_over`: {rule}"));
}
