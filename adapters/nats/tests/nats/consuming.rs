//! Tests of heartbeats, attempts and shutdown.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::jetstream::AckKind;
use async_nats::jetstream::consumer::PullConsumer;
use castore_core::channel::MessageChannelAdapter;
use castore_core::consumer::{ConsumerError, Filter, HandlerError, Listeners, RetryPolicy};
use castore_nats::{
    NatsListener, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsPartitionedMessageQueueAdapter, NatsWorker,
};
use futures_util::StreamExt;
use tokio::sync::Notify;

use crate::domain::{AppBus, AppQueue, LIVE, OrderedQueue, Pokemon, PokemonEventType, REPLAY, appeared};
use crate::support::{Calls, fresh, stored, until};

#[tokio::test]
async fn a_handler_that_takes_longer_than_ack_wait_is_called_once() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let calls = Calls::default();
    let noted = calls.clone();
    let worker = NatsWorker::builder(&adapter, move |message, context| {
        noted.note(&*message, context);
        async {
            tokio::time::sleep(Duration::from_secs(12)).await;
            Ok(())
        }
    });
    let worker = worker.ack_wait(Duration::from_secs(5)).start().await.unwrap();
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    until("the message is gone", async || !calls.all().is_empty() && stored(&client, &streams.0).await.is_empty())
        .await;
    assert_eq!(calls.all(), [("a".to_owned(), 1, 1)]);
    worker.shutdown().await.unwrap();
}

/// Running handlers finish. Messages whose handler was not called are delivered to the next worker immediately, not
/// after `ack_wait`.
#[tokio::test]
async fn shutdown_waits_for_running_handlers_and_leaves_the_rest() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let (begun, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let worker = NatsWorker::builder(&adapter, {
        let (begun, go) = (begun.clone(), go.clone());
        move |_, _| {
            begun.fetch_add(1, Ordering::SeqCst);
            let go = go.clone();
            async move {
                go.notified().await;
                Ok(())
            }
        }
    });
    let worker = worker.concurrency(2).start().await.unwrap();
    adapter.publish_messages((1..=20).map(|version| appeared("a", version)).collect(), LIVE).await.unwrap();
    until("two are begun", async || begun.load(Ordering::SeqCst) == 2).await;
    let shutdown = tokio::spawn(async move { worker.shutdown().await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!shutdown.is_finished(), "it did not wait for its handlers");
    go.notify_waiters();
    shutdown.await.unwrap().unwrap();
    assert_eq!(begun.load(Ordering::SeqCst), 2, "more were begun than may run");
    until("two are gone", async || stored(&client, &streams.0).await.len() == 18).await;

    let calls = Calls::default();
    let noted = calls.clone();
    let next = NatsWorker::builder(&adapter, move |message, context| {
        noted.note(&*message, context);
        async { Ok(()) }
    });
    let next = next.start().await.unwrap();
    let begin = std::time::Instant::now();
    calls.until(18).await;
    assert!(begin.elapsed() < Duration::from_secs(20), "they came after `ack_wait`, {:?}", begin.elapsed());
    next.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_handler_can_stop_the_consumer() {
    let (client, streams) = fresh().await;
    let adapter =
        NatsPartitionedMessageQueueAdapter::<OrderedQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let worker = NatsWorker::builder(&adapter, |message, _| async move {
        let crate::domain::OrderedQueueMessage::Pokemon(message) = &*message;
        if message.event.aggregate_id == "a" { Err(HandlerError::stop("the table is missing")) } else { Ok(()) }
    });
    let worker = worker.start().await.unwrap();
    adapter.publish_message(appeared("b", 1), LIVE).await.unwrap();
    until("it works", async || stored(&client, &streams.0).await.is_empty()).await;
    adapter.publish_messages(vec![appeared("a", 1), appeared("a", 2)], LIVE).await.unwrap();
    let ended = worker.finished().await;
    let Err(ConsumerError::Stopped(error)) = &ended else { panic!("{ended:?}") };
    assert_eq!(error.to_string(), "the table is missing");
    assert!(matches!(worker.finished().await, Err(ConsumerError::Stopped(_))));
    assert!(worker.is_finished());
    assert_eq!(stored(&client, &streams.0).await.len(), 2);

    // The next worker receives the messages immediately and in order, even in another process.
    let calls = Calls::default();
    let noted = calls.clone();
    let next = NatsWorker::builder(&adapter, move |message, context| {
        noted.note(&*message, context);
        async { Ok(()) }
    });
    let next = next.start().await.unwrap();
    calls.until(2).await;
    assert_eq!(calls.all(), [("a".to_owned(), 1, 2), ("a".to_owned(), 2, 1)]);
    next.shutdown().await.unwrap();
}

/// Receives a message the given number of times without acknowledging it.
async fn hand_out_in_vain(client: &async_nats::Client, stream: &str, times: usize) {
    let jetstream = async_nats::jetstream::new(client.clone());
    let consumer: PullConsumer = jetstream.get_consumer_from_stream("worker", stream).await.unwrap();
    for _ in 0..times {
        let mut messages = consumer.batch().max_messages(1).expires(Duration::from_secs(5)).messages().await.unwrap();
        let message = messages.next().await.expect("a message").unwrap();
        message.ack_with(AckKind::Nak(None)).await.unwrap();
    }
}

#[tokio::test]
async fn lost_deliveries_are_limited() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let calls = Calls::default();
    let worker = |calls: &Calls| {
        let noted = calls.clone();
        NatsWorker::builder(&adapter, move |message, context| {
            noted.note(&*message, context);
            async { Ok(()) }
        })
    };
    // Creates the durable consumer.
    let policy = RetryPolicy::immediately(1);
    worker(&calls).start().await.unwrap().shutdown().await.unwrap();
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    hand_out_in_vain(&client, &streams.0, 4).await;
    // This is the fifth delivery, and the policy allows two attempts. The delivery counts as the last attempt again.
    let first = worker(&calls).retry_policy(policy).lost_deliveries(3).start().await.unwrap();
    calls.until(1).await;
    first.shutdown().await.unwrap();
    assert_eq!(calls.all(), [("a".to_owned(), 1, 2)]);

    adapter.publish_message(appeared("b", 1), LIVE).await.unwrap();
    hand_out_in_vain(&client, &streams.0, 5).await;
    // The sixth delivery is one too many, because the message may be the cause of the crashes.
    let letters = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = letters.clone();
    let second = worker(&calls).retry_policy(policy).lost_deliveries(3).on_dead_letter(move |letter| {
        noted.lock().unwrap().push((letter.attempts, letter.error.to_string()));
    });
    let second = second.start().await.unwrap();
    until("a dead letter", async || !letters.lock().unwrap().is_empty()).await;
    second.shutdown().await.unwrap();
    assert_eq!(calls.all().len(), 1, "it was called");
    assert_eq!(*letters.lock().unwrap(), [(5, "the message was delivered 5 times and never acknowledged".to_owned())]);
}

#[tokio::test]
async fn workers_share_and_listeners_of_one_name_share() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    let calls = [Calls::default(), Calls::default()];
    let mut listeners = Vec::new();
    for calls in &calls {
        let noted = calls.clone();
        let listener = NatsListener::builder(&adapter, "shared", Filter::all(), move |message, context| {
            noted.note(&*message, context);
            async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                Ok(())
            }
        });
        listeners.push(listener.concurrency(2).start().await.unwrap());
    }
    let messages = (1..=100).map(|version| appeared("a", version)).collect();
    adapter.publish_messages(messages, LIVE).await.unwrap();
    until("all of them", async || calls.iter().map(|calls| calls.all().len()).sum::<usize>() >= 100).await;
    let mut versions: Vec<_> = calls.iter().flat_map(|calls| calls.versions("a")).collect();
    versions.sort_unstable();
    assert!(versions.into_iter().eq(1..=100));
    assert!(calls.iter().all(|calls| !calls.all().is_empty()), "one of them got nothing");
    for listener in listeners {
        listener.shutdown().await.unwrap();
    }
}

/// Filters that subjects cannot express are applied by the consumer, and no message is left over.
#[tokio::test]
async fn handlers_of_one_listener_have_separate_filters() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    let (live, replayed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let count = |counter: &Arc<AtomicUsize>| {
        let counter = counter.clone();
        move || counter.fetch_add(1, Ordering::SeqCst)
    };
    let (count_live, count_all) = (count(&live), count(&replayed));
    let listeners = Listeners::<AppBus>::new()
        .on(Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared), move |_, _| {
            count_live();
            async { Ok(()) }
        })
        .on(Filter::store::<Pokemon>().on_replay(true), move |_, _| {
            count_all();
            async { Ok(()) }
        });
    let listener = NatsListener::builder_with_listeners(&adapter, "both", listeners).confirm_acknowledgements(true);
    let listener = listener.start().await.unwrap();
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    adapter.publish_message(appeared("a", 1), REPLAY).await.unwrap();
    let counted = || (live.load(Ordering::SeqCst), replayed.load(Ordering::SeqCst));
    until("both are handled", async || counted() == (1, 2) && stored(&client, &streams.0).await.is_empty()).await;
    listener.shutdown().await.unwrap();
}
