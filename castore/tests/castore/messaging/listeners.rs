//! Listeners: several handlers, each with its filter, as one.

use std::sync::Arc;

use castore::HandlerError;
use castore::channel::PublishMessageOptions;
use castore::consumer::{FailureAction, FilterPattern, HandlingOutcome, MessageHandler};
use castore::prelude::*;

use super::counter::*;
use crate::support::Log;

fn logging(
    log: &Log<String>,
) -> impl Fn(ReceivedMessage<NotificationMessage<Counter>>, MessageContext) -> std::future::Ready<Result<(), HandlerError>>
+ use<> {
    let log = log.clone();
    move |message, _| {
        log.add(name(&message));
        std::future::ready(Ok(()))
    }
}

#[tokio::test]
async fn each_message_goes_to_all_whose_filter_it_passes() {
    let bus = CounterBus::new();
    let adapter = InMemoryMessageBusAdapter::attach_to(&bus);
    let (counted, all, rest) = (Log::new(), Log::new(), Log::new());
    let log = rest.clone();
    let listeners = Listeners::<CounterBus>::new()
        .on(Filter::store::<Counter>().event_type(CounterEventType::Counted), logging(&counted))
        .on(Filter::store::<Counter>(), logging(&all))
        .otherwise(move |message, context| {
            let CounterBusMessage::Counter(message) = &*message;
            log.add((name(message), context.replay));
            async { Ok(()) }
        });
    adapter.listen(listeners);
    bus.publish_messages([message("a", 1), message("a", 2)]).await.unwrap();
    // Nobody asked for replays, so they are the rest.
    bus.publish_message(message("a", 3)).replay(true).await.unwrap();
    adapter.idle().await;
    assert_eq!(counted.entries(), ["a1", "a2"]);
    assert_eq!(all.entries(), ["a1", "a2"]);
    assert_eq!(rest.entries(), [("a3".to_owned(), true)]);
}

#[tokio::test]
async fn a_queue_takes_listeners_as_its_worker() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let log = Log::new();
    adapter.listen(Listeners::<CounterQueue>::new().on(Filter::store::<Counter>(), logging(&log)));
    queue.publish_messages([message("a", 1), message("b", 1)]).await.unwrap();
    queue.publish_message(message("c", 1)).replay(true).await.unwrap();
    adapter.idle().await;
    assert_eq!(log.entries(), ["a1", "b1"], "a replay that nobody wants is done");
}

#[tokio::test]
async fn if_one_fails_all_are_called_and_all_are_called_again() {
    let bus = CounterBus::new();
    let adapter = InMemoryMessageBusAdapter::attach_to(&bus).with_retry_policy(RetryPolicy::immediately(1));
    let (before, after) = (Log::new(), Log::new());
    let listeners = Listeners::<CounterBus>::new()
        .on(Filter::store::<Counter>(), logging(&before))
        .on(Filter::all(), |_, context| async move {
            if context.attempt == 1 {
                panic!("not yet")
            }
            Ok(())
        })
        .on(Filter::store::<Counter>(), logging(&after));
    adapter.listen(listeners);
    bus.publish_message(message("a", 1)).await.unwrap();
    adapter.idle().await;
    assert_eq!(before.entries(), ["a1", "a1"]);
    assert_eq!(after.entries(), ["a1", "a1"]);
}

#[tokio::test]
async fn the_gravest_error_is_the_one_that_counts() {
    use FailureAction::{Park, Retry, Skip, Stop};
    let gravest = |classes: &'static [FailureAction]| async move {
        let mut listeners = Listeners::<CounterBus>::new();
        for class in classes {
            listeners =
                listeners.on(Filter::all(), move |_, _| async move { Err(HandlerError::with_action("no", *class)) });
        }
        let handler = MessageHandler::from(listeners);
        let answer = handler.handle(Arc::new(message("a", 1).into()), MessageContext::new(1, 0, false)).await;
        answer.unwrap_err().action()
    };
    assert_eq!(gravest(&[Skip, Park]).await, Park);
    assert_eq!(gravest(&[Park, Skip]).await, Park);
    assert_eq!(gravest(&[Retry, Park]).await, Retry, "a message that one can handle later is no dead letter");
    assert_eq!(gravest(&[Park, Retry, Skip]).await, Retry);
    assert_eq!(gravest(&[Stop, Retry, Park]).await, Stop);
}

#[tokio::test]
async fn verdicts_follow_the_class_and_the_policy() {
    let policy = RetryPolicy::new(1, std::time::Duration::from_millis(70), 1.0).unwrap();
    let verdict = |class: Option<FailureAction>, attempt: u32| async move {
        let handler = MessageHandler::<CounterBus>::new(move |_, _| async move {
            class.map_or(Ok(()), |class| Err(HandlerError::with_action("no", class)))
        });
        handler.attempt(Arc::new(message("a", 1).into()), attempt, false, &policy).await
    };
    assert!(matches!(verdict(None, 1).await, HandlingOutcome::Done));
    assert!(matches!(verdict(Some(FailureAction::Skip), 1).await, HandlingOutcome::Done));
    assert!(matches!(verdict(Some(FailureAction::Park), 1).await, HandlingOutcome::Park(_)));
    assert!(matches!(verdict(Some(FailureAction::Stop), 1).await, HandlingOutcome::Stop(_)));
    assert!(
        matches!(verdict(Some(FailureAction::Retry), 1).await, HandlingOutcome::Retry(after, _) if after.as_millis() == 70)
    );
    assert!(matches!(verdict(Some(FailureAction::Retry), 2).await, HandlingOutcome::Park(_)), "no attempt is left");
    assert!(
        matches!(verdict(Some(FailureAction::Stop), 2).await, HandlingOutcome::Stop(_)),
        "it stays with the broker"
    );
}

#[tokio::test]
async fn listeners_tell_a_broker_what_they_want() {
    let of_type = Filter::store::<Counter>().event_type(CounterEventType::Counted).on_replay(true);
    let listeners = Listeners::<CounterBus>::new()
        .on([Filter::store::<Counter>()], |_, _| async { Ok(()) })
        .on((of_type, Filter::all()), |_, _| async { Ok(()) });
    let pattern = FilterPattern::event_store("COUNTERS");
    let wanted = [pattern.clone(), pattern.event_types(["Counted"]).on_replay(true), FilterPattern::all()];
    assert_eq!(listeners.patterns(), wanted);
    let listeners = listeners.otherwise(|_, _| async { Ok(()) });
    assert_eq!(listeners.patterns(), [FilterPattern::all().on_replay(true)]);
    assert_eq!(Listeners::<CounterBus>::new().patterns(), []);
}

#[tokio::test]
async fn a_skipped_message_is_done() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let (calls, dead) = (Log::new(), Log::new());
    let (log, letters) = (calls.clone(), dead.clone());
    adapter.on_dead_letter(move |letter| letters.add(letter.attempts));
    adapter.worker(move |message, _| {
        log.add(name_in_queue(&message));
        async { Err(HandlerError::skip("not ours")) }
    });
    queue.publish_messages([message("a", 1), message("a", 2)]).await.unwrap();
    adapter.idle().await;
    assert_eq!(calls.entries(), ["a1", "a2"], "no retries");
    assert_eq!(dead.len(), 0);
}

#[tokio::test]
async fn a_stopped_handler_is_called_no_more_and_nothing_vanishes() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let (calls, dead) = (Log::new(), Log::new());
    let (log, letters) = (calls.clone(), dead.clone());
    adapter.on_dead_letter(move |letter| {
        letters.add((name_in_queue(&letter.message), letter.attempts, letter.error.action()))
    });
    let worker = |log: Log<String>| {
        move |message: ReceivedMessage<CounterQueueMessage>, _| {
            log.add(name_in_queue(&message));
            async move { if name_in_queue(&message) == "a2" { Err(HandlerError::stop("no table")) } else { Ok(()) } }
        }
    };
    adapter.worker(worker(log.clone()));
    queue.publish_messages([message("a", 1), message("a", 2), message("a", 3)]).await.unwrap();
    adapter.idle().await;
    assert_eq!(calls.entries(), ["a1", "a2"]);
    let letters = dead.entries();
    let wanted = [("a2".to_owned(), 1, FailureAction::Stop), ("a3".to_owned(), 0, FailureAction::Park)];
    assert_eq!(letters, wanted, "the handler was not called with the last");
    // Another worker starts anew.
    adapter.worker(worker(log));
    queue.publish_message(message("a", 4)).await.unwrap();
    adapter.shutdown().await;
    assert_eq!(calls.entries(), ["a1", "a2", "a4"]);
}

#[tokio::test]
async fn a_stopped_listener_stops_no_other() {
    let bus = CounterBus::new();
    let adapter = InMemoryMessageBusAdapter::attach_to(&bus);
    let log = Log::new();
    adapter.on(Filter::all(), |_, _| async { Err(HandlerError::stop("no table")) });
    adapter.on(Filter::store::<Counter>(), logging(&log));
    bus.publish_messages([message("a", 1), message("a", 2)]).await.unwrap();
    adapter.idle().await;
    assert_eq!(log.entries(), ["a1", "a2"]);
}

/// A relay into an inline queue waits for a worker that has stopped, and parks nothing.
#[tokio::test]
async fn a_stopped_inline_worker_is_an_outage() {
    let inline = |class: FailureAction| {
        InlineMessageQueueAdapter::<CounterQueue>::new(move |_, _| async move {
            Err(HandlerError::with_action("no", class))
        })
    };
    let publish = |class| async move {
        use castore::channel::MessageChannelAdapter as _;
        inline(class).publish_message(message("a", 1).into(), PublishMessageOptions::default()).await
    };
    assert!(matches!(publish(FailureAction::Stop).await, Err(PublishError::Broker(_))));
    assert!(publish(FailureAction::Skip).await.is_ok());
    let refused = publish(FailureAction::Park).await;
    assert!(matches!(refused, Err(PublishError::Rejected { rejected, .. }) if rejected[0].permanent));
}

/// A worker that was replaced while it handled a message stops nobody but itself.
#[tokio::test]
async fn a_replaced_worker_does_not_stop_the_next() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let (begun, go_on) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let (begins, goes_on) = (begun.clone(), go_on.clone());
    adapter.worker(move |_, _| {
        let (begins, goes_on) = (begins.clone(), goes_on.clone());
        async move {
            begins.notify_one();
            goes_on.notified().await;
            Err(HandlerError::stop("no table"))
        }
    });
    queue.publish_messages([message("a", 1), message("a", 2)]).await.unwrap();
    begun.notified().await;
    let log = Log::new();
    let handled = log.clone();
    adapter.worker(move |message, _| {
        handled.add(name_in_queue(&message));
        async { Ok(()) }
    });
    go_on.notify_one();
    adapter.idle().await;
    assert_eq!(log.entries(), ["a2"]);
}

/// A bus has a listener that has stopped no more: it can be added anew.
#[tokio::test]
async fn a_stopped_listener_gets_nothing_any_more() {
    let bus = CounterBus::new();
    let adapter = InMemoryMessageBusAdapter::attach_to(&bus);
    let (log, dead) = (Log::new(), Log::new());
    let letters = dead.clone();
    adapter.on_dead_letter(move |letter| letters.add(letter.error.action()));
    adapter.on(Filter::all(), |_, _| async { Err(HandlerError::stop("no table")) });
    bus.publish_message(message("a", 1)).await.unwrap();
    adapter.idle().await;
    adapter.on(Filter::store::<Counter>(), logging(&log));
    bus.publish_message(message("a", 2)).await.unwrap();
    adapter.idle().await;
    assert_eq!(log.entries(), ["a2"]);
    assert_eq!(dead.entries(), [FailureAction::Stop]);
}

/// Whichever of several filters lets a message pass hands it over, however they are nested.
#[tokio::test]
async fn nested_lists_of_filters_hand_messages_over() {
    let bus = CounterBus::new();
    let adapter = InMemoryMessageBusAdapter::attach_to(&bus);
    let log = Log::new();
    adapter.on([vec![], vec![Filter::store::<Counter>()]], logging(&log));
    bus.publish_message(message("a", 1)).await.unwrap();
    adapter.idle().await;
    assert_eq!(log.entries(), ["a1"]);
}

#[tokio::test]
async fn an_inline_queue_takes_listeners_as_its_worker() {
    let queue = CounterQueue::new();
    let log = Log::new();
    let listeners = Listeners::<CounterQueue>::new().on(Filter::store::<Counter>(), logging(&log));
    queue.set_adapter(InlineMessageQueueAdapter::listening(listeners));
    queue.publish_message(message("a", 1)).await.unwrap();
    assert_eq!(log.entries(), ["a1"]);
}

/// An error whose words panic is an error like any other, for the other handlers too.
#[tokio::test]
async fn words_that_panic_stop_nobody() {
    #[derive(Debug)]
    struct Speechless;
    impl std::fmt::Display for Speechless {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no words")
        }
    }
    impl std::error::Error for Speechless {}
    let log = Log::new();
    let listeners = Listeners::<CounterBus>::new()
        .on(Filter::all(), |_, _| async { Err(Speechless.into()) })
        .on(Filter::all(), |_, _| async { Err(Speechless.into()) })
        .on(Filter::store::<Counter>(), logging(&log));
    let handler = MessageHandler::from(listeners);
    let verdict = handler.attempt(Arc::new(message("a", 1).into()), 1, false, &RetryPolicy::NEVER).await;
    assert!(matches!(verdict, HandlingOutcome::Park(_)), "no attempt is left");
    assert_eq!(log.entries(), ["a1"]);
}
