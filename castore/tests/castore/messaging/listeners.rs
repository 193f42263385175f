//! Tests of `Listeners`: several handlers with filters, combined into one handler.

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
async fn message_is_delivered_to_every_handler_with_a_matching_filter() {
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
    // The filters do not match replays, so the `otherwise` handler receives the message.
    bus.publish_message(message("a", 3)).replay(true).await.unwrap();
    adapter.idle().await;
    assert_eq!(counted.entries(), ["a1", "a2"]);
    assert_eq!(all.entries(), ["a1", "a2"]);
    assert_eq!(rest.entries(), [("a3".to_owned(), true)]);
}

#[tokio::test]
async fn queue_accepts_listeners_as_its_worker() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let log = Log::new();
    adapter.listen(Listeners::<CounterQueue>::new().on(Filter::store::<Counter>(), logging(&log)));
    queue.publish_messages([message("a", 1), message("b", 1)]).await.unwrap();
    queue.publish_message(message("c", 1)).replay(true).await.unwrap();
    adapter.idle().await;
    assert_eq!(log.entries(), ["a1", "b1"], "a replay without a matching handler counts as handled");
}

#[tokio::test]
async fn failure_of_one_handler_retries_all_handlers() {
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
async fn most_severe_error_decides() {
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
async fn outcome_follows_the_failure_action_and_the_policy() {
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
async fn listeners_return_filter_patterns_for_brokers() {
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
async fn skipped_message_counts_as_handled() {
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
async fn stopped_handler_is_not_called_and_no_message_is_lost() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let (calls, dead) = (Log::new(), Log::new());
    let (log, letters) = (calls.clone(), dead.clone());
    adapter.on_dead_letter(move |letter| {
        letters.add((name_in_queue(letter.message().unwrap()), letter.attempts, letter.error.action()))
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
    // A new worker receives the remaining messages.
    adapter.worker(worker(log));
    queue.publish_message(message("a", 4)).await.unwrap();
    adapter.shutdown().await;
    assert_eq!(calls.entries(), ["a1", "a2", "a4"]);
}

#[tokio::test]
async fn stopped_listener_does_not_stop_others() {
    let bus = CounterBus::new();
    let adapter = InMemoryMessageBusAdapter::attach_to(&bus);
    let log = Log::new();
    adapter.on(Filter::all(), |_, _| async { Err(HandlerError::stop("no table")) });
    adapter.on(Filter::store::<Counter>(), logging(&log));
    bus.publish_messages([message("a", 1), message("a", 2)]).await.unwrap();
    adapter.idle().await;
    assert_eq!(log.entries(), ["a1", "a2"]);
}

/// A relay with an inline queue treats a stopped worker as an outage: it waits, and parks no aggregate.
#[tokio::test]
async fn stopped_inline_worker_is_an_outage() {
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

/// A replaced worker that stops while it handles a message does not stop its replacement.
#[tokio::test]
async fn replaced_worker_does_not_stop_its_replacement() {
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

/// A stopped listener is removed from its bus and can be added again.
#[tokio::test]
async fn stopped_listener_receives_no_messages() {
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

/// A message that matches one of several nested filters is delivered.
#[tokio::test]
async fn nested_lists_of_filters_deliver_messages() {
    let bus = CounterBus::new();
    let adapter = InMemoryMessageBusAdapter::attach_to(&bus);
    let log = Log::new();
    adapter.on([vec![], vec![Filter::store::<Counter>()]], logging(&log));
    bus.publish_message(message("a", 1)).await.unwrap();
    adapter.idle().await;
    assert_eq!(log.entries(), ["a1"]);
}

#[tokio::test]
async fn inline_queue_accepts_listeners_as_its_worker() {
    let queue = CounterQueue::new();
    let log = Log::new();
    let listeners = Listeners::<CounterQueue>::new().on(Filter::store::<Counter>(), logging(&log));
    queue.set_adapter(InlineMessageQueueAdapter::listening(listeners));
    queue.publish_message(message("a", 1)).await.unwrap();
    assert_eq!(log.entries(), ["a1"]);
}

/// If the `Display` implementation of a handler's error panics, the message still counts as failed, and other handlers
/// still receive it.
#[tokio::test]
async fn error_whose_text_panics_does_not_affect_other_handlers() {
    #[derive(Debug)]
    struct Speechless;
    impl std::fmt::Display for Speechless {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("a bug in the text of an error")
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
