//! Tests of the in-memory queue and bus: contexts, retries, filters. The clock is paused, so delays are exact.

mod bus;
mod filters;
mod queue;

use std::time::Duration;

use castore::prelude::*;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::domain::*;
use crate::support::{Log, timestamp};

message_channel! {
    type GameQueue = NotificationMessageQueue<Pokemon, Trainer>;
    type GameBus = NotificationMessageBus<Pokemon, Trainer>;
    type ExistsBus = AggregateExistsMessageBus<Pokemon, Trainer>;
}

fn message(version: u64) -> NotificationMessage<Pokemon> {
    let payload = if version == 1 { appeared("P", 1) } else { PokemonEvent::LeveledUp };
    let event = EventDetail::new("p".to_owned(), version, timestamp("2021-01-01"), payload);
    NotificationMessage { event }
}

fn version_of(message: &GameQueueMessage) -> u64 {
    match message {
        GameQueueMessage::Pokemon(message) => message.event.version,
        GameQueueMessage::Trainer(message) => message.event.version,
    }
}

fn as_json(context: &MessageContext) -> Value {
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

/// Compares the calls of a handler with the recorded calls.
fn check_calls(case: &str, calls: &Calls, recorded: &Value) {
    let calls = calls.entries();
    let contexts: Vec<Value> = calls.iter().map(|(context, _)| as_json(context)).collect();
    assert_eq!(Value::from(contexts), recorded["contexts"], "{case}");
    let gaps = calls.windows(2).map(|pair| pair[1].1 - pair[0].1);
    let expected = recorded["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), expected.len(), "{case}");
    for (gap, expected) in gaps.zip(expected) {
        let expected = Duration::from_millis(expected["expectedMs"].as_u64().unwrap());
        // Timers have a resolution of a millisecond.
        assert!(gap >= expected && gap <= expected + Duration::from_millis(1), "{case}: {gap:?}, not {expected:?}");
    }
}
