//! The in-memory queue and bus: contexts, retries, filters. On a paused clock, so that gaps are exact.

use std::collections::BTreeMap;
use std::time::Duration;

use castore::prelude::*;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::domain::*;
use crate::support::{Log, error_text, golden, object, timestamp};

message_channel! {
    type GameQueue = NotificationMessageQueue<Pokemon, Trainer>;
    type GameBus = NotificationMessageBus<Pokemon, Trainer>;
    type ExistsBus = AggregateExistsMessageBus<Pokemon, Trainer>;
}

fn message(version: u64) -> NotificationMessage<Pokemon> {
    let payload = if version == 1 { appeared("P", 1) } else { PokemonEvent::LevelledUp };
    let event = EventDetail {
        aggregate_id: "p".to_owned(),
        version,
        timestamp: timestamp("2021-01-01"),
        payload,
        metadata: None,
    };
    NotificationMessage { event }
}

fn version_of(message: &GameQueueMessage) -> u64 {
    match message {
        GameQueueMessage::Pokemon(message) => message.event.version,
        GameQueueMessage::Trainer(message) => message.event.version,
    }
}

fn as_json(context: MessageContext) -> Value {
    json!({
        "attempt": context.attempt,
        "retryAttemptsLeft": context.retry_attempts_left,
        "replay": context.replay,
    })
}

fn policy(options: &Value) -> RetryPolicy {
    let attempts = options["retryAttempts"].as_u64().unwrap_or(2) as u32;
    let delay = Duration::from_millis(options["retryDelayInMs"].as_u64().unwrap_or(30_000));
    RetryPolicy::new(attempts, delay, options["retryBackoffRate"].as_f64().unwrap_or(2.0)).unwrap()
}

type Calls = Log<(MessageContext, Instant)>;

/// Holds what a handler was told against what was recorded.
fn check_calls(case: &str, calls: &Calls, recorded: &Value) {
    let calls = calls.entries();
    let contexts: Vec<Value> = calls.iter().map(|(context, _)| as_json(*context)).collect();
    assert_eq!(Value::from(contexts), recorded["contexts"], "{case}");
    let gaps = calls.windows(2).map(|pair| pair[1].1 - pair[0].1);
    let expected = recorded["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), expected.len(), "{case}");
    for (gap, expected) in gaps.zip(expected) {
        let expected = Duration::from_millis(expected["expectedMs"].as_u64().unwrap());
        // Timers go by whole milliseconds.
        assert!(gap >= expected && gap <= expected + Duration::from_millis(1), "{case}: {gap:?}, not {expected:?}");
    }
}

#[test]
fn the_default_retry_policy_is_castores() {
    let golden = golden("queue-bus");
    let recorded = &golden["queue"]["defaults"];
    let policy = RetryPolicy::default();
    assert_eq!(policy.attempts(), recorded["retryAttempts"].as_u64().unwrap() as u32);
    assert_eq!(policy.delay_after(1).as_millis() as u64, recorded["retryDelayInMs"]);
    assert_eq!(policy.delay_after(2), policy.delay_after(1).mul_f64(recorded["retryBackoffRate"].as_f64().unwrap()));
}

#[test]
fn options_are_refused_as_recorded() {
    let golden = golden("queue-bus");
    for (options, recorded) in object(&golden["queue"]["constructorErrors"]) {
        let options: Value = serde_json::from_str(options).unwrap();
        // Numbers of retries and delays are unsigned here: what Castore refuses or rounds is not expressible. A rate
        // that is no number slips through in Castore; here it is refused.
        let Some(rate) = options.get("retryBackoffRate") else { continue };
        let rate = match rate.as_f64() {
            Some(rate) => rate,
            None if rate == "NaN" => f64::NAN,
            None => continue,
        };
        let policy = RetryPolicy::new(2, Duration::ZERO, rate);
        match recorded["queue"].get("error") {
            Some(_) => assert_eq!(policy.unwrap_err().to_string(), error_text(&recorded["queue"])),
            None if rate.is_nan() => assert!(policy.is_err()),
            None => assert!(policy.is_ok(), "{rate}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_queue_retries_as_recorded() {
    let golden = golden("queue-bus");
    let mut seen = 0;
    for (case, recorded) in object(&golden["queue"]) {
        if recorded.get("gaps").is_none() {
            continue;
        }
        seen += 1;
        let attempts = recorded["contexts"].as_array().unwrap().len() as u32;
        let given_up = recorded["consoleError"].as_array().unwrap().len();
        let failures = if given_up > 0 { u32::MAX } else { attempts - 1 };

        let queue = GameQueue::new();
        let worker = InMemoryMessageQueueAdapter::attach_to(&queue).with_retry_policy(policy(&recorded["options"]));
        let (calls, dead) = (Calls::new(), Log::new());
        let (log, letters) = (calls.clone(), dead.clone());
        worker.worker(move |_, context| {
            log.add((context, Instant::now()));
            async move {
                if context.attempt <= failures {
                    return Err(HandlerError::new(format!("boom {}", context.attempt)));
                }
                Ok(())
            }
        });
        worker.on_dead_letter(move |letter| letters.add(letter.error.to_string()));
        let replay = recorded["contexts"][0]["replay"].as_bool().unwrap();
        queue.publish_message(message(1)).replay(replay).await.unwrap();
        worker.idle().await;
        check_calls(case, &calls, recorded);
        // What Castore prints goes to the dead letters.
        let wanted: Vec<Value> =
            recorded["consoleError"].as_array().unwrap().iter().map(|line| line[0].clone()).collect();
        assert_eq!(json!(dead.entries()), Value::from(wanted), "{case}");
    }
    assert_eq!(seen, 6);
}

#[tokio::test(start_paused = true)]
async fn one_message_at_a_time_in_order() {
    let golden = golden("queue-bus");
    let queue = GameQueue::new();
    let worker = InMemoryMessageQueueAdapter::attach_to(&queue);
    let log = Log::<Value>::new();
    let seen = log.clone();
    worker.worker(move |message, context| {
        let seen = seen.clone();
        async move {
            let version = version_of(&message);
            seen.add(json!(["start", version, as_json(context)]));
            tokio::time::sleep(Duration::from_millis(5)).await;
            seen.add(json!(["end", version]));
            Ok(())
        }
    });
    queue.publish_messages([message(1), message(2), message(3)]).replay(true).await.unwrap();
    log.add(json!(["publishMessages resolved"]));
    worker.idle().await;
    // Castore calls the worker while it publishes, up to its first wait. Here the worker runs on its own: publishing
    // three messages into a queue that has room is over before it starts.
    let mut wanted = golden["queue"]["oneAtATimeInOrder"].as_array().unwrap().clone();
    wanted.swap(0, 1);
    assert_eq!(log.entries(), wanted);
}

#[tokio::test(start_paused = true)]
async fn without_worker_messages_are_gone() {
    let golden = golden("queue-bus");
    let queue = GameQueue::new();
    let worker = InMemoryMessageQueueAdapter::attach_to(&queue);
    queue.publish_message(message(1)).await.unwrap();
    let seen = Log::<Value>::new();
    let log = seen.clone();
    worker.worker(move |message, _| {
        log.add(version_of(&message).into());
        async { Ok(()) }
    });
    worker.idle().await;
    assert_eq!(Value::from(seen.entries()), golden["queue"]["noWorker"]["deliveredOnceAWorkerIsSet"]);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_retry_holds_up_no_other_message() {
    let golden = golden("queue-bus");
    let queue = GameQueue::new();
    let worker = InMemoryMessageQueueAdapter::attach_to(&queue)
        .with_retry_policy(RetryPolicy::new(1, Duration::from_millis(20), 1.0).unwrap());
    let seen = Log::<Value>::new();
    let log = seen.clone();
    worker.worker(move |message, context| {
        let version = version_of(&message);
        log.add(json!([version, context.attempt]));
        async move { if version == 1 { Err(HandlerError::new("boom")) } else { Ok(()) } }
    });
    queue.publish_messages([message(1), message(2), message(3)]).await.unwrap();
    worker.idle().await;
    assert_eq!(Value::from(seen.entries()), golden["queue"]["aFailedMessageDoesNotBlockTheNextOnes"]["log"]);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_retry_goes_to_the_new_worker() {
    let golden = golden("queue-bus");
    let queue = GameQueue::new();
    let worker = InMemoryMessageQueueAdapter::attach_to(&queue);
    let seen = Log::<Value>::new();
    let log = seen.clone();
    worker.worker(move |_, _| {
        log.add("old".into());
        async { Err(HandlerError::new("boom")) }
    });
    queue.publish_message(message(1)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    let log = seen.clone();
    worker.worker(move |_, context| {
        log.add(json!(["new", context.attempt]));
        async { Ok(()) }
    });
    worker.idle().await;
    assert_eq!(Value::from(seen.entries()), golden["queue"]["retryGoesToTheNewWorker"]["log"]);
}

/// In Castore a worker that throws before its first wait blocks the queue for good, and a handler that does so fails the
/// publisher and hides the message from later handlers ("Handlers that throw at once"). Here a panic is a failure like
/// any other.
#[tokio::test(start_paused = true)]
async fn handlers_that_fail_at_once_are_tried_again() {
    let golden = golden("queue-bus");
    assert_eq!(golden["queue"]["workerThrowsSynchronously"]["attemptsAfterPublishingAnotherMessage"], json!([1]));
    let queue = GameQueue::new();
    let worker = InMemoryMessageQueueAdapter::attach_to(&queue);
    let seen = Log::<Value>::new();
    let log = seen.clone();
    worker.worker(move |message, context| {
        let version = version_of(&message);
        log.add(json!([version, context.attempt]));
        if version == 1 && context.attempt == 1 {
            panic!("sync boom");
        }
        async { Ok(()) }
    });
    queue.publish_messages([message(1), message(2)]).await.unwrap();
    worker.idle().await;
    assert_eq!(seen.entries(), [json!([1, 1]), json!([2, 1]), json!([1, 2])]);

    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus).with_retry_policy(RetryPolicy::NEVER);
    let seen = Log::<Value>::new();
    for name in ["first", "throwing", "last"] {
        let log = seen.clone();
        listener.on(Filter::all(), move |_, _| {
            log.add(name.into());
            if name == "throwing" {
                panic!("sync boom");
            }
            async { Ok(()) }
        });
    }
    bus.publish_message(message(1)).await.unwrap();
    listener.idle().await;
    assert_eq!(seen.entries(), ["first", "throwing", "last"]);
}

#[tokio::test(start_paused = true)]
async fn filters_let_pass_what_was_recorded() {
    let golden = golden("queue-bus");
    let mut seen = 0;
    for recorded in golden["bus"]["filters"].as_array().unwrap() {
        let filter = &recorded["filter"];
        let on_replay = filter.get("onReplay").and_then(Value::as_bool).unwrap_or(false);
        let store = filter.get("eventStoreId").and_then(Value::as_str);
        let event_type = filter.get("eventType").and_then(Value::as_str);
        // A filter with only a type matches everything in Castore ("A filter with only `eventType` matches
        // everything"); here an event type belongs to a store.
        if store.is_none() && event_type.is_some() {
            continue;
        }
        seen += 1;
        for (mode, wanted) in object(&recorded["caught"]) {
            let caught = caught(store, event_type, on_replay, mode == "replay").await;
            assert_eq!(json!(caught), *wanted, "{filter} {mode}");
        }
    }
    assert!(seen >= 6);
}

/// What a filter lets pass of four messages: Castore's bus carries all kinds, here aggregate-exists messages have a bus
/// of their own.
async fn caught(
    store: Option<&str>,
    event_type: Option<&str>,
    on_replay: bool,
    replay: bool,
) -> BTreeMap<&'static str, usize> {
    let (bus, exists_bus) = (GameBus::new(), ExistsBus::new());
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let exists_listener = InMemoryMessageBusAdapter::attach_to(&exists_bus);
    let calls = Log::<&'static str>::new();
    let pokemon_key = |message: &NotificationMessage<Pokemon>| match message.event.payload {
        PokemonEvent::Appeared { .. } => "POKEMONS APPEARED",
        _ => "POKEMONS LEVELLED_UP",
    };
    let (log, exists_log) = (calls.clone(), calls.clone());
    let exists = move |_: ExistsBusMessage| exists_log.add("POKEMONS aggregateExists");
    match (store, event_type) {
        (None, _) => {
            listener.on(Filter::all().on_replay(on_replay), move |message, _| {
                log.add(match &*message {
                    GameBusMessage::Pokemon(message) => pokemon_key(message),
                    GameBusMessage::Trainer(_) => "TRAINERS GAME_STARTED",
                });
                async { Ok(()) }
            });
            exists_listener.on(Filter::all().on_replay(on_replay), move |message, _| {
                exists((*message).clone());
                async { Ok(()) }
            });
        }
        (Some("POKEMONS"), None) => {
            listener.on(Filter::store::<Pokemon>().on_replay(on_replay), move |message, _| {
                log.add(pokemon_key(&message));
                async { Ok(()) }
            });
            exists_listener.on(Filter::store::<Pokemon>().on_replay(on_replay), move |message, _| {
                exists(ExistsBusMessage::Pokemon((*message).clone()));
                async { Ok(()) }
            });
        }
        (Some("TRAINERS"), None) => {
            listener.on(Filter::store::<Trainer>().on_replay(on_replay), move |_, _| {
                log.add("TRAINERS GAME_STARTED");
                async { Ok(()) }
            });
        }
        // Filters by event type do not exist on an aggregate-exists bus: a compile error.
        (Some("POKEMONS"), Some(event_type)) => {
            let event_type: PokemonEventType = event_type.parse().unwrap();
            let filter = Filter::store::<Pokemon>().event_type(event_type).on_replay(on_replay);
            listener.on(filter, move |message, _| {
                log.add(pokemon_key(&message));
                async { Ok(()) }
            });
        }
        other => panic!("unknown filter {other:?}"),
    }
    let trainer = NotificationMessage { event: crate::golden::domain::happened(ash_started()) };
    bus.publish_messages((message(1), message(2), trainer)).replay(replay).await.unwrap();
    let exists = AggregateExistsMessage::<Pokemon> {
        aggregate_id: "p".to_owned(),
        initial_event_timestamp: timestamp("2021-01-01"),
    };
    exists_bus.publish_message(exists).replay(replay).await.unwrap();
    listener.idle().await;
    exists_listener.idle().await;
    let keys = ["POKEMONS APPEARED", "POKEMONS LEVELLED_UP", "TRAINERS GAME_STARTED", "POKEMONS aggregateExists"];
    keys.into_iter().map(|key| (key, calls.entries().iter().filter(|entry| **entry == key).count())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_handler_under_several_filters_is_called_once() {
    let golden = golden("queue-bus");
    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let seen = Log::<Value>::new();
    let log = seen.clone();
    let filters =
        (Filter::store::<Pokemon>(), Filter::all(), Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared));
    listener.on(filters, move |message, context| {
        let GameBusMessage::Pokemon(message) = &*message else { panic!("{message:?}") };
        log.add(json!(["h1", message.event.version, as_json(context)]));
        async { Ok(()) }
    });
    let log = seen.clone();
    listener.on(Filter::all(), move |message, _| {
        let GameBusMessage::Pokemon(message) = &*message else { panic!("{message:?}") };
        log.add(json!(["h2", message.event.version]));
        async { Ok(()) }
    });
    for version in [1, 2] {
        bus.publish_message(message(version)).await.unwrap();
        listener.idle().await;
    }
    assert_eq!(Value::from(seen.entries()), golden["bus"]["oneHandlerThreeFiltersCalledOnce"]["log"]);
}

#[tokio::test(start_paused = true)]
async fn publishing_does_not_wait_for_handlers() {
    let golden = golden("queue-bus");
    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let seen = Log::<Value>::new();
    let log = seen.clone();
    listener.on(Filter::all(), move |_, _| {
        let log = log.clone();
        async move {
            log.add("slow start".into());
            tokio::time::sleep(Duration::from_millis(30)).await;
            log.add("slow end".into());
            Ok(())
        }
    });
    let log = seen.clone();
    listener.on(Filter::all(), move |_, _| {
        log.add("second handler".into());
        async { Ok(()) }
    });
    bus.publish_message(message(1)).await.unwrap();
    seen.add("publish resolved".into());
    listener.idle().await;
    // Castore calls handlers while it publishes, up to their first wait; here they run on their own.
    let wanted = golden["bus"]["publishDoesNotWaitForHandlers"].as_array().unwrap();
    let wanted = [&wanted[2], &wanted[0], &wanted[1], &wanted[3]].map(Clone::clone);
    assert_eq!(seen.entries(), wanted);
}

#[tokio::test(start_paused = true)]
async fn only_the_failing_handler_is_tried_again() {
    let golden = golden("queue-bus");
    let recorded = &golden["bus"]["onlyTheFailingHandlerIsRetried"];
    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus)
        .with_retry_policy(RetryPolicy::new(2, Duration::from_millis(30), 2.0).unwrap());
    let (failing, other) = (Calls::new(), Calls::new());
    let log = failing.clone();
    listener.on(Filter::all(), move |_, context| {
        log.add((context, Instant::now()));
        async { Err(HandlerError::new("boom")) }
    });
    let log = other.clone();
    listener.on(Filter::all(), move |_, context| {
        log.add((context, Instant::now()));
        async { Ok(()) }
    });
    bus.publish_message(message(1)).await.unwrap();
    listener.idle().await;
    check_calls("onlyTheFailingHandlerIsRetried", &failing, recorded);
    let other: Vec<Value> = other.entries().iter().map(|(context, _)| as_json(*context)).collect();
    assert_eq!(Value::from(other), recorded["other"]);
}

/// Castore's bus builds the retry without `replay` ("The in-memory bus loses `replay` on retry"); here it is kept, as
/// on the queue.
#[tokio::test(start_paused = true)]
async fn a_retry_of_a_replay_is_a_replay() {
    let golden = golden("queue-bus");
    let recorded = &golden["bus"]["replayIsLostOnRetry"];
    assert_eq!(recorded["contexts"][1]["replay"], json!(false));
    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus)
        .with_retry_policy(RetryPolicy::new(1, Duration::from_millis(5), 1.0).unwrap());
    let calls = Calls::new();
    let log = calls.clone();
    listener.on(Filter::all().on_replay(true), move |_, context| {
        log.add((context, Instant::now()));
        async { Err(HandlerError::new("boom")) }
    });
    bus.publish_message(message(1)).replay(true).await.unwrap();
    listener.idle().await;
    let mut wanted = recorded["contexts"].clone();
    wanted[1]["replay"] = json!(true);
    let seen: Vec<Value> = calls.entries().iter().map(|(context, _)| as_json(*context)).collect();
    assert_eq!(Value::from(seen), wanted);
}

/// Two buses on one emitter hear each other in Castore ("Two buses on one emitter"); here there is nothing to share.
#[tokio::test(start_paused = true)]
async fn two_buses_do_not_hear_each_other() {
    let (one, other) = (GameBus::new(), GameBus::new());
    let seen = Log::<Value>::new();
    let listeners = [("one", &one), ("two", &other)].map(|(name, bus)| {
        let listener = InMemoryMessageBusAdapter::attach_to(bus);
        let log = seen.clone();
        listener.on(Filter::all(), move |_, context| {
            log.add(json!([name, context.attempt]));
            async { Ok(()) }
        });
        listener
    });
    one.publish_message(message(1)).await.unwrap();
    for listener in &listeners {
        listener.idle().await;
    }
    assert_eq!(seen.entries(), [json!(["one", 1])]);
    // A bus without listeners takes messages all the same.
    let quiet = GameBus::new();
    InMemoryMessageBusAdapter::attach_to(&quiet);
    quiet.publish_message(message(1)).await.unwrap();
}
