use std::time::Duration;

use castore::prelude::*;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::support::{Log, error_text, golden, object};

#[test]
fn default_retry_policy_equals_castores() {
    let golden = golden("queue-bus");
    let recorded = &golden["queue"]["defaults"];
    let policy = RetryPolicy::default();
    assert_eq!(policy.attempts(), recorded["retryAttempts"].as_u64().unwrap() as u32);
    assert_eq!(policy.delay_after(1).as_millis() as u64, recorded["retryDelayInMs"]);
    assert_eq!(policy.delay_after(2), policy.delay_after(1).mul_f64(recorded["retryBackoffRate"].as_f64().unwrap()));
}

#[test]
fn invalid_options_are_rejected_as_recorded() {
    let golden = golden("queue-bus");
    for (options, recorded) in object(&golden["queue"]["constructorErrors"]) {
        let options: Value = serde_json::from_str(options).unwrap();
        // In castore, numbers of retries and delays are unsigned, so some values that Castore rejects or rounds cannot
        // be expressed. Castore accepts NaN as a rate, and castore rejects it.
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
            log.add((context.clone(), Instant::now()));
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
        // Castore prints messages that failed in every attempt. In castore, they become dead letters.
        let wanted: Vec<Value> =
            recorded["consoleError"].as_array().unwrap().iter().map(|line| line[0].clone()).collect();
        assert_eq!(json!(dead.entries()), Value::from(wanted), "{case}");
    }
    assert_eq!(seen, 6);
}

#[tokio::test(start_paused = true)]
async fn messages_are_handled_one_at_a_time_in_order() {
    let golden = golden("queue-bus");
    let queue = GameQueue::new();
    let worker = InMemoryMessageQueueAdapter::attach_to(&queue);
    let log = Log::<Value>::new();
    let seen = log.clone();
    worker.worker(move |message, context| {
        let seen = seen.clone();
        async move {
            let version = version_of(&message);
            seen.add(json!(["start", version, as_json(&context)]));
            tokio::time::sleep(Duration::from_millis(5)).await;
            seen.add(json!(["end", version]));
            Ok(())
        }
    });
    queue.publish_messages([message(1), message(2), message(3)]).replay(true).await.unwrap();
    log.add(json!(["publishMessages resolved"]));
    worker.idle().await;
    // Castore calls the worker synchronously while it publishes. In castore, the worker runs in a separate task, so all
    // messages are published before the worker starts, if the queue has room for them.
    let mut wanted = golden["queue"]["oneAtATimeInOrder"].as_array().unwrap().clone();
    wanted.swap(0, 1);
    assert_eq!(log.entries(), wanted);
}

#[tokio::test(start_paused = true)]
async fn messages_without_a_worker_are_dropped() {
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
async fn waiting_retry_does_not_delay_other_messages() {
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
async fn waiting_retry_is_handled_by_the_new_worker() {
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
