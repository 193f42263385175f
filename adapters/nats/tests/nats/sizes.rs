//! Tests of messages that are too large.

use castore_core::channel::{HeldBackError, MessageChannelAdapter, PublishError, RejectedMessage};
use castore_core::consumer::HandlerError;
use castore_nats::{MessageTooLargeError, NatsMessageQueueAdapter, NatsWorker, SubjectTooLongError};

use crate::domain::{AppQueue, AppQueueMessage, LIVE, appeared, named};
use crate::support::{fresh, stored, until};

fn refused(published: Result<(), PublishError>) -> Vec<RejectedMessage> {
    match published {
        Err(PublishError::Rejected { rejected, .. }) => rejected,
        other => panic!("{other:?}"),
    }
}

fn too_large(refused: &RejectedMessage) -> MessageTooLargeError {
    assert!(refused.permanent);
    *refused.reason.downcast_ref().expect("a message that is too large")
}

#[tokio::test]
async fn a_message_may_be_as_large_as_the_limit_and_no_larger() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let of = |bytes: usize| named::<AppQueueMessage>("a", 1, &"x".repeat(bytes));
    let probe = 2_000_000;
    let MessageTooLargeError { size, limit, .. } =
        too_large(&refused(adapter.publish_message(of(probe), LIVE).await)[0]);
    assert_eq!(limit, client.server_info().max_payload - 1024);
    let rest = size - probe;
    let error = too_large(&refused(adapter.publish_message(of(limit - rest + 1), LIVE).await)[0]);
    assert_eq!((error.size, error.limit), (limit + 1, limit));
    assert_eq!(stored(&client, &streams.0).await.len(), 0);
    adapter.publish_message(of(limit - rest), LIVE).await.unwrap();
    let stored_now = stored(&client, &streams.0).await;
    assert_eq!(stored_now.len(), 1);

    // The message also fits as a dead letter, which has more headers.
    let worker = NatsWorker::builder(&adapter, |_, _| async { Err(HandlerError::park("of no use")) });
    let worker = worker.start().await.unwrap();
    let dead = format!("{}_DEAD", streams.0);
    until("the dead letter", async || stored(&client, &dead).await.len() == 1).await;
    assert_eq!(stored(&client, &dead).await[0].payload, stored_now[0].payload);
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn later_messages_of_its_aggregate_are_held_back() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let large = "x".repeat(2_000_000);
    let messages = vec![appeared("a", 1), named("a", 2, &large), appeared("b", 1), appeared("a", 3), appeared("b", 2)];
    let refused = refused(adapter.publish_messages(messages, LIVE).await);
    assert_eq!(refused.iter().map(|refused| refused.index).collect::<Vec<_>>(), [1, 3]);
    too_large(&refused[0]);
    assert!(!refused[1].permanent && refused[1].reason.is::<HeldBackError>());
    assert_eq!(stored(&client, &streams.0).await.len(), 3);
    // No message is held back in the next call.
    adapter.publish_message(appeared("a", 3), LIVE).await.unwrap();
}

#[tokio::test]
async fn message_above_the_limit_of_the_stream_is_rejected() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let jetstream = async_nats::jetstream::new(client.clone());
    let mut config = jetstream.get_stream(&streams.0).await.unwrap().cached_info().config.clone();
    config.max_message_size = 1_000;
    jetstream.update_stream(config).await.unwrap();
    let published = adapter.publish_messages(vec![named("a", 1, &"x".repeat(2_000)), appeared("b", 1)], LIVE).await;
    let refused = refused(published);
    assert_eq!((refused.len(), refused[0].index, refused[0].permanent), (1, 0, true), "{refused:?}");
}

#[tokio::test]
async fn a_subject_that_is_too_long_is_refused() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client, &streams.0).await.unwrap();
    let notification = castore_core::message::StoredMessage::notification(
        "POKEMONS".into(),
        castore_core::storage::RawEvent {
            aggregate_id: "a".to_owned(),
            version: 1,
            event_type: "日".repeat(200).into(),
            timestamp: "2021-01-01T00:00:00.000Z".parse().unwrap(),
            payload: None,
            metadata: None,
        },
    );
    let refused = refused(adapter.publish_stored_messages(vec![notification], LIVE).await);
    assert!(refused[0].permanent && refused[0].reason.is::<SubjectTooLongError>(), "{refused:?}");
}
