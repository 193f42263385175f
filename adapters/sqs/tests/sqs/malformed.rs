//! Tests of bodies that are not messages of the channel.

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsMessage;
use castore_core::consumer::{FailureAction, Filter, Listeners};
use castore_sqs::{MalformedMessageError, SqsMessageQueueRecord, SqsWorker};

use crate::domain::{
    AppQueue, OrderedQueue, Pokemon, PokemonEventType, ordered_worker, publish, publish_in_order, quick, worker,
};
use crate::support::{Calls, TestQueue, until};

const BODIES: [&str; 5] = [
    "no JSON, secret-payload",
    r#"{"no":"store","secret":"secret-payload"}"#,
    r#"{"eventStoreId":"TRAINERS","event":{"aggregateId":"secret-payload"}}"#,
    r#"{"eventStoreId":"POKEMONS","event":{"aggregateId":"a","version":1,"type":"secret-payload","timestamp":"2021-01-01T00:00:00.000Z"}}"#,
    r#"{"eventStoreId":"POKEMONS","event":{"aggregateId":"a","version":1,"type":"APPEARED","timestamp":"2021-01-01T00:00:00.000Z","payload":{"name":"x","level":"secret-payload"}}}"#,
];

async fn send(queue: &TestQueue, body: &str) {
    queue.client.send_message().queue_url(&queue.url).message_body(body).send().await.unwrap();
}

async fn send_in_group(queue: &TestQueue, group: &str, body: &str) {
    let request = queue.client.send_message().queue_url(&queue.url).message_body(body).message_group_id(group);
    request.message_deduplication_id("malformed").send().await.unwrap();
}

#[tokio::test]
async fn malformed_messages_are_moved_to_the_dead_letter_queue() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    for body in BODIES {
        send(&queue, body).await;
    }
    publish(&queue, &[("a", 1)]).await;
    let worker = worker(&queue, &calls, |_, _| async { Ok(()) })
        .undecodable_action(FailureAction::Park)
        .dead_letter_queue_url(&queue.dead_letters)
        .start()
        .unwrap();
    let dead = queue.receive(&queue.dead_letters, BODIES.len()).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    let mut bodies: Vec<_> = dead.iter().map(|message| message.body().unwrap()).collect();
    bodies.sort_unstable();
    let mut expected = BODIES;
    expected.sort_unstable();
    assert_eq!(bodies, expected);
    assert_eq!(calls.names(), ["a1"]);
}

/// Another version of the program may know the event types of such messages.
#[tokio::test]
async fn undecodable_messages_that_pass_no_filter_are_ignored() {
    let queue = TestQueue::standard().await;
    for body in &BODIES[3..] {
        send(&queue, body).await;
    }
    let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::LeveledUp);
    let listeners = Listeners::<AppQueue>::new().on(filter, |_, _| async { Ok(()) });
    let worker = SqsWorker::builder_with_listeners(queue.client.clone(), &queue.url, &AppQueue::new(), listeners);
    let worker = quick(worker).dead_letter_queue_url(&queue.dead_letters).start().unwrap();
    until("both are ignored", async || worker.status().ignored == 2).await;
    queue.until_empty(&queue.url).await;
    assert_eq!((worker.status().handled, worker.status().dead_letters), (0, 0));
    worker.shutdown().await.unwrap();
    assert_eq!(queue.counts(&queue.dead_letters).await, (0, 0));
}

/// A worker without `dead_letter_queue_url` never deletes malformed messages. SQS eventually moves them to the
/// dead-letter queue, because the queue has a redrive policy.
#[tokio::test]
async fn malformed_messages_are_left_to_the_redrive_policy() {
    let (queue, calls) = (TestQueue::with_redrive("", 2).await, Calls::default());
    send(&queue, BODIES[0]).await;
    publish(&queue, &[("a", 1)]).await;
    let worker =
        worker(&queue, &calls, |_, _| async { Ok(()) }).visibility_timeout(Duration::from_secs(4)).start().unwrap();
    let dead = queue.receive(&queue.dead_letters, 1).await;
    worker.shutdown().await.unwrap();
    assert_eq!(dead[0].body(), Some(BODIES[0]));
    assert_eq!(calls.names(), ["a1"]);
}

/// Later messages of the group wait until the malformed message is gone. Other groups do not wait.
#[tokio::test]
async fn group_of_a_malformed_message_waits_for_the_redrive_policy() {
    let (queue, calls) = (TestQueue::with_redrive(".fifo", 3).await, Calls::default());
    send_in_group(&queue, "POKEMONS#a", BODIES[0]).await;
    let worker = ordered_worker(&queue, &calls, |_, _| async { Ok(()) })
        .visibility_timeout(Duration::from_secs(4))
        .start()
        .unwrap();
    // The messages are published after the first delivery of the malformed message. SQS also counts the deliveries in
    // which a message only waits, so the later message reaches the limit of the redrive policy one delivery later.
    until("the malformed one is handed out", async || queue.counts(&queue.url).await == (0, 1)).await;
    publish_in_order(&queue, &[("a", 1), ("b", 1)]).await;
    calls.until(2).await;
    assert_eq!(calls.names(), ["b1", "a1"]);
    let dead = queue.poll(&queue.dead_letters, 0).await;
    assert_eq!(dead.iter().map(|message| message.body().unwrap()).collect::<Vec<_>>(), [BODIES[0]]);
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    assert_eq!(calls.all()[1], ("a".to_owned(), 1, 1));
}

#[tokio::test]
async fn group_of_a_malformed_message_continues_with_a_dead_letter_queue() {
    let (queue, calls) = (TestQueue::fifo().await, Calls::default());
    send_in_group(&queue, "POKEMONS#a", BODIES[0]).await;
    publish_in_order(&queue, &[("a", 1)]).await;
    let worker = ordered_worker(&queue, &calls, |_, _| async { Ok(()) }).dead_letter_queue_url(&queue.dead_letters);
    // The timeout is so long that the message would not be delivered again during the test.
    let worker = worker.visibility_timeout(Duration::from_secs(600)).start().unwrap();
    calls.until(1).await;
    queue.receive(&queue.dead_letters, 1).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
}

/// The errors describe the problem without the content.
#[test]
fn errors_describe_the_problem_without_the_content() {
    let errors = BODIES.map(|body| {
        let record: SqsMessage = serde_json::from_value(serde_json::json!({ "body": body })).unwrap();
        let error = SqsMessageQueueRecord::<AppQueue>::try_from(&record).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        error
    });
    assert!(matches!(errors[0], MalformedMessageError::NotAMessage { line: 1, .. }));
    assert!(matches!(errors[1], MalformedMessageError::NotAMessage { .. }));
    assert_eq!(errors[2].to_string(), "event store TRAINERS is not a source of message channel APP_QUEUE");
    for error in &errors[3..] {
        assert!(error.to_string().starts_with(
            "a message of event store POKEMONS does not match the message type of the channel (line 1, column"
        ));
    }
    let record = SqsMessage::default();
    let error = SqsMessageQueueRecord::<OrderedQueue>::try_from(&record).unwrap_err();
    assert_eq!(error, MalformedMessageError::NoBody);
}
