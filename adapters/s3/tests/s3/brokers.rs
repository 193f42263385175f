//! Tests of the claim check with the broker adapters: a message of two megabytes through SQS, and through an
//! EventBridge rule.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::types::QueueAttributeName;
use castore::prelude::*;
use castore_event_bridge::{
    EventBridgeEnvelope, EventBridgeMessageBusAdapter, EventPattern, Rule, aws_sdk_eventbridge,
};
use castore_s3::S3ClaimCheck;
use castore_sqs::{EnvelopeContent, SqsMessageQueueAdapter, SqsWorker, aws_sdk_sqs};
use tokio::sync::mpsc;

use crate::support::{endpoint, with_bucket};

#[derive(Debug, Clone, PartialEq, Event)]
enum NoteEvent {
    Written { text: String },
}

#[derive(Debug, Clone)]
#[event_store(id = "NOTES", event = NoteEvent)]
struct Note;

impl Reducer for Note {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

message_channel! {
    type NoteQueue = NotificationMessageQueue<Note>;
    type NoteBus = NotificationMessageBus<Note>;
}

fn note(version: u64, bytes: usize) -> NotificationMessage<Note> {
    let timestamp = "2024-01-01T00:00:00.000Z".parse().unwrap();
    let payload = NoteEvent::Written { text: "é🦀 ".chars().cycle().take(bytes / 2).collect() };
    NotificationMessage { event: EventDetail::new("a/b #1".into(), version, timestamp, payload) }
}

/// Returns a client of SQS, with the URL and the ARN of a new queue, and its account.
async fn queue() -> (aws_sdk_sqs::Client, String, String, Credentials) {
    let account = format!("{:012}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000);
    let credentials = Credentials::new(account, "secret", None, None, "tests");
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials.clone())
        .endpoint_url(endpoint())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let client = aws_sdk_sqs::Client::from_conf(config);
    let url = client.create_queue().queue_name("notes").send().await.unwrap().queue_url.unwrap();
    let asked =
        client.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::QueueArn).send().await;
    let arn = asked.unwrap().attributes.unwrap().remove(&QueueAttributeName::QueueArn).unwrap();
    (client, url, arn, credentials)
}

async fn claim_check() -> Arc<S3ClaimCheck> {
    let (client, bucket) = with_bucket().await;
    Arc::new(S3ClaimCheck::new(client, bucket))
}

/// Receives two messages in any order. The larger message was stored in S3.
async fn expect_both(received: &mut mpsc::UnboundedReceiver<NotificationMessage<Note>>) {
    let mut both = Vec::new();
    while both.len() < 2 {
        let next = tokio::time::timeout(Duration::from_secs(60), received.recv()).await;
        both.extend(next.expect("a message in time"));
    }
    both.sort_by_key(|message| message.event.version);
    assert!(both == [note(1, 100), note(2, 2_000_000)], "the messages that came are not those that were sent");
}

#[tokio::test]
async fn a_large_message_goes_through_sqs() {
    let (client, url, _, _) = queue().await;
    let claim_check = claim_check().await;
    let note_queue = NoteQueue::new();
    let adapter = SqsMessageQueueAdapter::<NoteQueue>::builder(client.clone(), url.as_str());
    note_queue.set_adapter(adapter.claim_check(claim_check.clone()).build().unwrap());
    let (send, mut received) = mpsc::unbounded_channel();
    let worker = SqsWorker::builder(client, url.as_str(), &note_queue, move |message, _| {
        let NoteQueueMessage::Note(message) = &*message;
        let _ = send.send(message.clone());
        async { Ok(()) }
    });
    let worker = worker.wait_time(Duration::from_secs(1)).claim_check(claim_check).start().unwrap();
    note_queue.publish_messages([note(1, 100), note(2, 2_000_000)]).await.unwrap();
    expect_both(&mut received).await;
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_large_message_goes_through_a_rule_of_event_bridge() {
    let (queues, url, arn, credentials) = queue().await;
    let config = aws_sdk_eventbridge::Config::builder()
        .behavior_version(aws_sdk_eventbridge::config::BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url(endpoint())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let events = aws_sdk_eventbridge::Client::from_conf(config);
    events.create_event_bus().name("notes").send().await.unwrap();
    let (send, mut received) = mpsc::unbounded_channel();
    let listeners = Listeners::<NoteBus>::new().on(
        Filter::store::<Note>().event_type(NoteEventType::Written),
        move |message: ReceivedMessage<NotificationMessage<Note>>, _| {
            let _ = send.send((*message).clone());
            async { Ok(()) }
        },
    );
    Rule::new("notes", "notes", EventPattern::of_listeners(&listeners)).deploy(&events, &arn).await.unwrap();
    let claim_check = claim_check().await;
    let note_bus = NoteBus::new();
    let adapter = EventBridgeMessageBusAdapter::<NoteBus>::builder(events, "notes");
    note_bus.set_adapter(adapter.claim_check(claim_check.clone()).build().unwrap());
    let open = |body: &str| {
        let envelope = EventBridgeEnvelope::parse(body).ok()?;
        Some(EnvelopeContent::new(envelope.detail(), envelope.is_replay()))
    };
    let worker = SqsWorker::builder_behind_bus(queues, url, &note_bus, listeners, open);
    let worker = worker.wait_time(Duration::from_secs(1)).claim_check(claim_check).start().unwrap();
    note_bus.publish_messages([note(1, 100), note(2, 2_000_000)]).await.unwrap();
    expect_both(&mut received).await;
    worker.shutdown().await.unwrap();
}
