//! Tests of dead letters.

use std::time::Duration;

use castore_core::channel::MessageChannelAdapter;
use castore_core::consumer::{DeadLetters, DeadLettersError, FailureAction, Filter, HandlerError, RetryPolicy};
use castore_nats::{NatsDeadLetters, NatsListener, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsWorker};

use crate::domain::{AppBus, AppQueue, LIVE, Pokemon, PokemonEventType, REPLAY, appeared};
use crate::support::{Calls, fresh, header, stored, until};

#[tokio::test]
async fn dead_letters_have_headers_of_their_origin() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let worker = NatsWorker::builder(&adapter, |message, _| async move {
        let crate::domain::AppQueueMessage::Pokemon(message) = &*message;
        match message.event.aggregate_id.as_str() {
            "parked" => Err(HandlerError::park("secret reasons")),
            _ => Err(HandlerError::new("secret reasons")),
        }
    });
    let worker = worker.retry_policy(RetryPolicy::immediately(2)).start().await.unwrap();
    adapter.publish_message(appeared("parked", 1), REPLAY).await.unwrap();
    adapter.publish_message(appeared("exhausted", 1), LIVE).await.unwrap();
    let dead = format!("{}_DEAD", streams.0);
    until("two dead letters", async || stored(&client, &dead).await.len() == 2).await;
    until("nothing is left", async || stored(&client, &streams.0).await.is_empty()).await;
    worker.shutdown().await.unwrap();
    let letters = stored(&client, &dead).await;
    for (aggregate, attempts, class, mode) in [("parked", "1", "park", "replay"), ("exhausted", "3", "retry", "live")] {
        let letter =
            letters.iter().find(|letter| String::from_utf8_lossy(&letter.payload).contains(aggregate)).unwrap();
        assert_eq!(letter.subject.as_str(), format!("{}.dead.worker", streams.0));
        let subject = format!("{}.POKEMONS.APPEARED.{mode}", streams.0);
        assert_eq!(header(letter, "Castore-Subject"), Some(&*subject));
        assert_eq!(header(letter, "Castore-Attempts"), Some(attempts));
        assert_eq!(header(letter, "Castore-Error-Class"), Some(class));
        assert_eq!(header(letter, "Castore-Replay"), (mode == "replay").then_some("true"));
        assert!(!format!("{:?}", letter.headers).contains("secret"));
    }
}

#[tokio::test]
async fn malformed_message_becomes_a_dead_letter_and_others_are_handled() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    let calls = Calls::default();
    let noted = calls.clone();
    let listener = NatsListener::builder(&adapter, "mails", Filter::all(), move |message, context| {
        noted.note(&*message, context);
        async { Ok(()) }
    });
    let listener = listener.undecodable_action(FailureAction::Park).start().await.unwrap();
    let jetstream = async_nats::jetstream::new(client.clone());
    for body in ["", "{", "[]", r#"{"eventStoreId":"TRAINERS","event":{}}"#, "\u{0}\u{1}"] {
        let subject = format!("{}.POKEMONS.APPEARED.live", streams.0);
        jetstream.publish(subject, body.into()).await.unwrap().await.unwrap();
    }
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    let dead = format!("{}_DEAD", streams.0);
    until("five dead letters", async || stored(&client, &dead).await.len() == 5).await;
    until("nothing is left", async || stored(&client, &streams.0).await.is_empty()).await;
    assert_eq!(calls.all(), [("a".to_owned(), 1, 1)]);
    for letter in stored(&client, &dead).await {
        assert_eq!(header(&letter, "Castore-Error-Class"), Some("malformed"));
        assert_eq!(letter.subject.as_str(), format!("{}.dead.mails", streams.0));
    }
    listener.shutdown().await.unwrap();
}

/// A message is not acknowledged before its dead letter is stored.
#[tokio::test]
async fn message_is_kept_if_its_dead_letter_cannot_be_stored() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let jetstream = async_nats::jetstream::new(client.clone());
    let dead = format!("{}_DEAD", streams.0);
    jetstream.delete_stream(&dead).await.unwrap();
    let calls = Calls::default();
    let noted = calls.clone();
    let worker = NatsWorker::builder(&adapter, move |message, context| {
        noted.note(&*message, context);
        async { Err(HandlerError::park("of no use")) }
    });
    let worker = worker.retry_policy(RetryPolicy::NEVER).recreate(false).start().await.unwrap();
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    calls.until(1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stored(&client, &streams.0).await.len(), 1);
    // The next adapter that connects creates the stream again.
    NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    until("the dead letter", async || stored(&client, &dead).await.len() == 1).await;
    until("nothing is left", async || stored(&client, &streams.0).await.is_empty()).await;
    worker.shutdown().await.unwrap();
}

/// A dead letter is not redriven if no consumer would receive the message, because the stream of the bus would drop the
/// message.
#[tokio::test]
async fn redrive_without_a_consumer_keeps_the_letter() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    let fails = |_, _| async { Err(HandlerError::park("of no use")) };
    let listener = NatsListener::builder(&adapter, "mails", [Filter::all()], fails).start().await.unwrap();
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    let letters = NatsDeadLetters::of_listener(&adapter, "mails");
    until("the dead letter", async || letters.list(10).await.unwrap().len() == 1).await;
    listener.shutdown().await.unwrap();
    let letter = letters.list(10).await.unwrap().remove(0);
    assert_eq!((letter.attempts, letter.error_class.as_deref()), (Some(1), Some("park")));
    // The filter passes other messages only.
    let narrowed = Filter::store::<Pokemon>().event_type(PokemonEventType::LeveledUp);
    let listener = NatsListener::builder(&adapter, "mails", narrowed, |_, _| async { Ok(()) });
    let listener = listener.replace_filter().start().await.unwrap();
    assert!(matches!(letters.redrive(&letter.id).await, Err(DeadLettersError::NoConsumer)));
    listener.shutdown().await.unwrap();
    // The consumer is gone.
    let stream = async_nats::jetstream::new(client).get_stream(&streams.0).await.unwrap();
    stream.delete_consumer("mails").await.unwrap();
    assert!(matches!(letters.redrive(&letter.id).await, Err(DeadLettersError::NoConsumer)));
    assert_eq!(letters.get(&letter.id).await.unwrap(), Some(letter.clone()));
    // Another listener has no dead letters.
    let others = NatsDeadLetters::of_listener(&adapter, "others");
    assert_eq!(others.get(&letter.id).await.unwrap(), None);
    assert!(!others.remove(&letter.id).await.unwrap());
    assert!(letters.remove(&letter.id).await.unwrap());
}
