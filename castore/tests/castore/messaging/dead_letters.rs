//! Tests of dead letters: messages that failed permanently or in every attempt.

use std::sync::Arc;
use std::time::Duration;

use castore::consumer::DeadLetter;
use castore::message::ChannelMessage;
use castore::prelude::*;
use tokio::time::Instant;

use super::counter::*;
use crate::support::Log;

/// Returns the name of a dead letter's message, its number of attempts, its replay flag, and its error text.
fn told<M: ChannelMessage>(letter: &DeadLetter<M>) -> (String, u32, bool, String) {
    let about = letter.message().unwrap().as_message();
    let name = format!("{}{}", about.aggregate_id(), about.version().unwrap());
    (name, letter.attempts, letter.replay, letter.error.to_string())
}

#[tokio::test(start_paused = true)]
async fn permanent_errors_are_not_retried() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let letters = Log::new();
    let log = letters.clone();
    adapter.on_dead_letter(move |letter| log.add(told(&letter)));
    adapter.worker(|message, context| async move {
        let CounterQueueMessage::Counter(message) = &*message;
        match (message.event.version, context.attempt) {
            (1, _) => Err(HandlerError::park("malformed")),
            (2, 2) => Err(HandlerError::park("malformed after all")),
            (2, _) => Err(HandlerError::new("busy")),
            _ => Ok(()),
        }
    });
    let started = Instant::now();
    queue.publish_messages([message("a", 1), message("a", 2), message("a", 3)]).replay(true).await.unwrap();
    adapter.idle().await;
    let wanted = [("a1", 1, true, "malformed"), ("a2", 2, true, "malformed after all")];
    let wanted = wanted.map(|(name, attempts, replay, error)| (name.to_owned(), attempts, replay, error.to_owned()));
    assert_eq!(letters.entries(), wanted);
    assert_eq!(started.elapsed().as_secs(), 30, "the delay of one retry");
}

#[tokio::test(start_paused = true)]
async fn panics_count_as_failures() {
    let bus = CounterBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus).with_retry_policy(RetryPolicy::immediately(1));
    let (letters, handled) = (Log::new(), Log::new());
    let log = letters.clone();
    listener.on_dead_letter(move |letter| log.add(told(&letter)));
    // Panics synchronously for version 1, after a wait and with a formatted text for version 2, and with a value that
    // is not a text for version 3.
    listener.on(Filter::store::<Counter>(), |message, _| {
        if message.event.version == 1 {
            panic!("at once");
        }
        async move {
            tokio::task::yield_now().await;
            match message.event.version {
                2 => panic!("later, {}", message.event.version),
                3 => std::panic::panic_any(7u32),
                _ => Ok(()),
            }
        }
    });
    let log = handled.clone();
    listener.on(Filter::store::<Counter>(), move |message, _| {
        log.add(name(&message));
        async { Ok(()) }
    });
    bus.publish_messages((1..=4).map(|version| message("a", version)).collect::<Vec<_>>()).await.unwrap();
    listener.idle().await;
    assert_eq!(handled.entries(), ["a1", "a2", "a3", "a4"]);
    let letters = letters.entries();
    assert_eq!(letters.len(), 3);
    for ((_, attempts, replay, error), text) in letters.iter().zip(["at once", "later, 2", "panicked"]) {
        assert_eq!((*attempts, *replay), (2, false));
        assert!(error.contains(text), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn panic_of_the_dead_letter_hook_does_not_stop_the_consumer() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue).with_retry_policy(RetryPolicy::NEVER);
    let letters = Log::new();
    let log = letters.clone();
    adapter.on_dead_letter(move |letter| {
        log.add(told(&letter).0);
        panic!("a hook");
    });
    adapter.worker(|_, _| async { Err(HandlerError::new("always")) });
    queue.publish_messages([message("a", 1), message("a", 2)]).await.unwrap();
    adapter.idle().await;
    assert_eq!(letters.entries(), ["a1", "a2"]);
}

/// If several handlers of a bus give up on a message, each causes a dead letter. The dead letters share the message.
#[tokio::test(start_paused = true)]
async fn each_handler_that_gives_up_causes_a_dead_letter() {
    let bus = CounterBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus)
        .with_retry_policy(RetryPolicy::new(2, Duration::from_millis(10), 3.0).unwrap());
    let letters = Log::new();
    let log = letters.clone();
    listener.on_dead_letter(move |letter| log.add((letter.error.to_string(), letter.into_message().unwrap())));
    for text in ["one", "two"] {
        listener.on(Filter::all(), move |_, _| async move { Err(HandlerError::new(text)) });
    }
    listener.on(Filter::all(), |_, context| async move {
        if context.attempt < 3 { Err(HandlerError::new("not yet")) } else { Ok(()) }
    });
    bus.publish_message(message("a", 1)).await.unwrap();
    listener.idle().await;
    let letters = letters.take();
    assert_eq!(letters.iter().map(|(error, _)| error.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    let CounterBusMessage::Counter(first) = &*letters[0].1;
    let CounterBusMessage::Counter(second) = &*letters[1].1;
    assert!(std::ptr::eq(first, second), "shared, not copied");
}

/// `?` converts any error to a handler error and keeps its source.
#[tokio::test]
async fn handler_errors_keep_their_source() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue).with_retry_policy(RetryPolicy::NEVER);
    let letters = Log::new();
    let log = letters.clone();
    adapter.on_dead_letter(move |letter| {
        log.add((letter.error.source().is::<std::num::ParseIntError>(), letter.error.is_permanent()));
    });
    adapter.worker(|_, _| async {
        "seven".parse::<u32>()?;
        Ok(())
    });
    queue.publish_message(message("a", 1)).await.unwrap();
    adapter.idle().await;
    assert_eq!(letters.entries(), [(true, false)]);
    assert_eq!(Arc::new(HandlerError::park("x")).to_string(), "x");
}
