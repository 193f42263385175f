//! Tests of the inline queue, which runs its worker inside `publish`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use castore::HandlerError;
use castore::channel::{InlineMessageQueueAdapter, MessageChannel};
use castore::consumer::{FailureAction, Listeners, RetryPolicy};
use castore::prelude::*;
use castore::relay::{Relay, RelayStart};
use castore::storage::EventStorageAdapter;

use crate::messaging::counter::*;
use crate::support::Log;

fn rejected(error: PublishError) -> (bool, String) {
    match error {
        PublishError::Rejected { total: 1, rejected } if rejected.len() == 1 => {
            (rejected[0].permanent, rejected[0].reason.to_string())
        }
        error => panic!("{error}"),
    }
}

#[tokio::test(start_paused = true)]
async fn message_is_published_after_it_was_handled() {
    let queue = CounterQueue::new();
    let seen = Log::new();
    let log = seen.clone();
    queue.set_adapter(InlineMessageQueueAdapter::<CounterQueue>::new(move |message, context| {
        let log = log.clone();
        async move {
            log.add((name_in_queue(&message), context.attempt, context.retry_attempts_left, context.replay));
            if context.attempt < 3 { Err(HandlerError::new("not yet")) } else { Ok(()) }
        }
    }));
    let start = tokio::time::Instant::now();
    queue.publish_message(message("a", 1)).replay(true).await.unwrap();
    assert_eq!(start.elapsed().as_millis(), 300);
    let name = name_in_queue(&message("a", 1).into());
    assert_eq!(seen.entries(), [1, 2, 3].map(|attempt| (name.clone(), attempt, 3 - attempt, true)));
}

#[tokio::test(start_paused = true)]
async fn permanent_failure_is_a_permanent_rejection() {
    let queue = CounterQueue::new();
    for (failure, attempts, refusing) in
        [("permanent", 1, false), ("passing", 3, false), ("passing", 3, true), ("panic", 3, false), ("panic", 3, true)]
    {
        let seen = Log::new();
        let log = seen.clone();
        let adapter = InlineMessageQueueAdapter::<CounterQueue>::new(move |_, context| {
            log.add(context.attempt);
            async move {
                match failure {
                    "permanent" => Err(HandlerError::park("no such mailbox")),
                    "passing" => Err(HandlerError::new("busy")),
                    _ => panic!("oh"),
                }
            }
        });
        queue.set_adapter(if refusing { adapter.refusing_after_retries() } else { adapter });
        let (permanent, reason) = rejected(queue.publish_message(message("a", 1)).await.unwrap_err());
        assert_eq!(permanent, refusing || failure == "permanent");
        assert!(["no such mailbox", "busy", "the handler panicked: oh"].contains(&reason.as_str()), "{reason}");
        assert_eq!(seen.len(), attempts);
    }
}

#[tokio::test]
async fn relay_parks_rejected_messages_and_continues() {
    let (storage, queue) = (InMemoryEventStorageAdapter::new(), CounterQueue::new());
    let (seen, healed) = (Log::new(), Arc::new(AtomicBool::new(false)));
    let (log, mended) = (seen.clone(), healed.clone());
    queue.set_adapter(InlineMessageQueueAdapter::<CounterQueue>::new(move |message, _| {
        let name = name_in_queue(&message);
        let refused = name == name_in_queue(&self::message("a", 2).into()) && !mended.load(Ordering::SeqCst);
        if !refused {
            log.add(name);
        }
        async move { if refused { Err(HandlerError::park("full")) } else { Ok(()) } }
    }));
    let counters = EventStore::<Counter>::new(storage.clone()).connect_via_relay(queue.clone());
    let relay = Relay::builder(queue).publish(&counters).start(storage, RelayStart::Beginning).await.unwrap();
    for (id, version) in [("a", 1), ("a", 2), ("b", 1), ("a", 3), ("b", 2)] {
        counters.push_event(event(id, version)).await.unwrap();
    }
    let name = |id, version| name_in_queue(&message(id, version).into());
    relay.wait_for(5, Duration::from_secs(30)).await.unwrap();
    assert_eq!(seen.take(), [name("a", 1), name("b", 1), name("b", 2)]);
    assert_eq!(relay.parked().await.unwrap().len(), 1);

    healed.store(true, Ordering::SeqCst);
    relay.retry("COUNTERS", "a").await.unwrap();
    while seen.len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(seen.take(), [name("a", 2), name("a", 3)]);
    relay.shutdown().await.unwrap();
}

/// Stores an event of a type that this program does not know.
async fn push_unknown(storage: &InMemoryEventStorageAdapter) {
    let event = castore::storage::RawEvent {
        aggregate_id: "a".to_owned(),
        version: 1,
        event_type: "FromTheFuture".into(),
        timestamp: crate::support::timestamp("2024-01-01T00:00:00.000Z"),
        payload: None,
        metadata: None,
    };
    storage.push_event("COUNTERS", event, castore::storage::PushOptions::default()).await.unwrap();
}

/// Stores an event of an unknown type, and runs a relay to the end of the log. Returns the number of parked aggregates,
/// or `None` if the relay does not reach the end in time.
async fn relayed<C: MessageChannel>(channel: C, wait: bool) -> Option<u64>
where
    EventStore<Counter>: castore::relay::PublishableOn<C>,
{
    let storage = InMemoryEventStorageAdapter::new();
    push_unknown(&storage).await;
    let store = EventStore::<Counter>::new(storage.clone());
    let relay = Relay::builder(channel).publish(&store).start(storage, RelayStart::Beginning).await.unwrap();
    let limit = Duration::from_secs(if wait { 60 } else { 3 });
    let caught_up = relay.wait_until_caught_up(limit).await.is_ok();
    let parked = relay.status().parked as u64;
    relay.shutdown().await.unwrap();
    caught_up.then_some(parked)
}

/// Filters are applied before a message is decoded. Therefore an event of a type that no filter names does not stop a
/// relay.
#[tokio::test(start_paused = true)]
async fn unknown_event_type_is_left_to_the_consumers() {
    let never = || {
        Listeners::<CounterQueue>::new()
            .on(Filter::store::<Counter>().event_type(CounterEventType::Counted), |_, _| async { Ok(()) })
    };
    let whole = || Listeners::<CounterQueue>::new().on(Filter::store::<Counter>(), |_, _| async { Ok(()) });
    let inline = |adapter: &InlineMessageQueueAdapter<CounterQueue>| CounterQueue::with_adapter(adapter.clone());

    let named = InlineMessageQueueAdapter::listening(never());
    assert_eq!(relayed(inline(&named), true).await, Some(0));
    assert_eq!((named.status().ignored, named.status().dead_letters), (1, 0));

    let all = InlineMessageQueueAdapter::listening(whole());
    assert_eq!(relayed(inline(&all), true).await, Some(1), "a relay of a newer version can publish it");
    assert!(all.status().dead_letters > 0);

    let skipping = InlineMessageQueueAdapter::listening(whole()).with_undecodable_action(FailureAction::Skip);
    assert_eq!(relayed(inline(&skipping), true).await, Some(0));
    assert_eq!((skipping.status().ignored, skipping.status().handled), (0, 1));

    let stopping = InlineMessageQueueAdapter::listening(whole()).with_undecodable_action(FailureAction::Stop);
    assert_eq!(relayed(inline(&stopping), false).await, None, "an outage");

    let bus = CounterBus::new();
    let on_bus = InMemoryMessageBusAdapter::attach_to(&bus).with_retry_policy(RetryPolicy::immediately(1));
    on_bus.on(Filter::store::<Counter>().event_type(CounterEventType::Counted), |_, _| async { Ok(()) });
    on_bus.on(Filter::store::<Counter>(), |_, _| async { Ok(()) });
    let letters = Log::new();
    let log = letters.clone();
    on_bus.on_dead_letter(move |letter| log.add((letter.attempts, letter.message().is_some())));
    assert_eq!(relayed(bus, true).await, Some(0));
    on_bus.idle().await;
    let status = on_bus.status();
    assert_eq!((status.ignored, status.dead_letters, status.failed_attempts, status.handled), (1, 1, 2, 0));
    assert_eq!(letters.entries(), [(2, false)]);
}
