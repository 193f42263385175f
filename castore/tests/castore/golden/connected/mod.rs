//! Tests of connected stores: the order in which events are stored, hooks are called and messages are published, and
//! the failures of each step.

mod cases;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use castore::channel::PublishMessageOptions;
use castore::event::OptionalMetadata;
use castore::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::domain::*;
use crate::support::{
    Log, LoggingStorage, Watched, chain, error_text, golden, json as as_json, object, original_text, without_undefined,
};

message_channel! {
    #[channel(id = "pq")]
    type NotificationPq = NotificationMessageQueue<Pokemon>;
    #[channel(id = "pq")]
    type StatePq = StateCarryingMessageQueue<Pokemon>;
    #[channel(id = "tb")]
    type TrainerBus = StateCarryingMessageBus<Trainer>;
    #[channel(id = "second")]
    type Second = NotificationMessageQueue<Pokemon>;
}

/// The stores, channels and logs of one case.
struct World {
    log: Log<Value>,
    inner: InMemoryEventStorageAdapter,
    pokemons: EventStore<Pokemon>,
    trainers: EventStore<Trainer>,
    trainer_bus: TrainerBus,
}

impl World {
    fn new() -> Self {
        let log = Log::new();
        let inner = InMemoryEventStorageAdapter::new();
        let storage = || LoggingStorage::new(inner.clone(), log.clone());
        let pokemons = EventStore::new(storage());
        let trainers = EventStore::<Trainer>::new(storage());
        let trainer_bus = TrainerBus::new(TrainerBusSources { trainer: trainers.clone() });
        trainer_bus.set_adapter(watched(&log, "tb"));
        Self { log, inner, pokemons, trainers, trainer_bus }
    }

    fn notification_pq(&self) -> NotificationPq {
        let channel = NotificationPq::new();
        channel.set_adapter(watched(&self.log, "pq"));
        channel
    }

    fn state_pq(&self) -> StatePq {
        let channel = StatePq::new(StatePqSources { pokemon: self.pokemons.clone() });
        channel.set_adapter(watched(&self.log, "pq"));
        channel
    }

    fn hook(&self) {
        let log = self.log.clone();
        self.pokemons.on_event_pushed(move |pushed| {
            log_hook(&log, "pokemons.onEventPushed", &pushed);
            async { Ok(()) }
        });
    }

    /// Stores the initial events of the case, without logging.
    async fn before<S: EventSourced<MetadataRule = OptionalMetadata>>(
        &self,
        events: impl IntoIterator<Item = NewEvent<S>>,
    ) {
        let store = EventStore::<S>::new(self.inner.clone());
        for event in events {
            store.push_event(event).await.unwrap();
        }
    }

    async fn stored(&self, recorded: &Value) -> Value {
        let pokemons = EventStore::<Pokemon>::new(self.inner.clone());
        let trainers = EventStore::<Trainer>::new(self.inner.clone());
        let mut stored = serde_json::Map::new();
        for (short, _) in object(recorded) {
            let versions: Vec<u64> = match short.as_str() {
                "1111" => pokemons.get_events(PIKACHU).await.unwrap().iter().map(|event| event.version).collect(),
                "aaaa" => trainers.get_events(ASH).await.unwrap().iter().map(|event| event.version).collect(),
                other => panic!("unknown aggregate {other}"),
            };
            stored.insert(short.clone(), json!(versions));
        }
        Value::Object(stored)
    }
}

fn log_hook(log: &Log<Value>, name: &str, pushed: &PushedEvent<Pokemon>) {
    let which = format!("{}#{}", crate::support::short(&pushed.event.aggregate_id), pushed.event.version);
    log.add(json!([name, which, {"hasNextAggregate": pushed.next_aggregate.is_some()}]));
}

/// Creates an adapter that logs in the format of the golden data.
fn watched<M: castore::message::ChannelMessage + Serialize>(log: &Log<Value>, name: &'static str) -> Watched<M> {
    let log = log.clone();
    Watched::new().telling(move |message: &M, options: PublishMessageOptions, what| {
        let about = message.as_message();
        let which = format!("{}#{}", crate::support::short(&about.aggregate_id()), about.version().unwrap());
        log.add(match what {
            "start" => {
                let aggregate = as_json(message).get("aggregate").cloned();
                let mut seen = json!({
                    "store": about.event_store_id(),
                    "event": which,
                    "hasAggregateKey": aggregate.is_some(),
                });
                if let Some(aggregate) = aggregate {
                    seen["aggregate"] = aggregate;
                }
                json!([format!("{name}.publish"), seen, {"replay": options.replay}, "start"])
            }
            what => json!([format!("{name}.publish"), which, what]),
        });
    })
}

type Outcome = Result<Value, PushEventError>;

fn single(outcome: Result<PushedEvent<Pokemon>, PushEventError>) -> Outcome {
    outcome.map(|pushed| answer(&pushed))
}

fn group<A, B>(outcome: Result<(PushedEvent<A>, PushedEvent<B>), PushEventError>) -> Outcome
where
    A: EventSourced + Serialize,
    B: EventSourced + Serialize,
{
    outcome.map(|(a, b)| json!({"eventGroup": [answer(&a), answer(&b)]}))
}

/// Checks the error of an event that is stored but not published.
fn stored_but_not_published(error: PushEventError, recorded: &str) -> castore::store::StoredButNotPublished {
    let text = chain(&error).last().unwrap().clone();
    // The last text of the chain is Castore's error text, or ends with it.
    assert!(text.ends_with(recorded), "{text:?}, not {recorded:?}");
    match error {
        PushEventError::StoredButNotPublished(error) => error,
        other => panic!("{other:?}"),
    }
}

async fn check<F: Future<Output = Outcome>>(
    world: &World,
    recorded: &Value,
    wanted_log: Value,
    run: impl FnOnce() -> F,
) -> Option<PushEventError> {
    let outcome = run().await;
    let entries = Value::from(world.log.take());
    assert_eq!(entries, without_undefined(&wanted_log));
    assert_eq!(world.stored(&recorded["stored"]).await, recorded["stored"]);
    match outcome {
        Ok(answer) => {
            assert_eq!(answer, without_undefined(&recorded["result"]["ok"]));
            None
        }
        Err(error) => {
            assert!(recorded["result"].to_string().contains("error"), "{error}");
            Some(error)
        }
    }
}

/// Returns a recorded result in which all events of a group have the timestamp of the first event. In Castore, the
/// events of a group may have different timestamps, and in castore, they all have the same.
fn at_one_moment(recorded: &Value) -> Value {
    let mut recorded = recorded.clone();
    if let Some(group) = recorded["result"]["ok"].get_mut("eventGroup").and_then(Value::as_array_mut) {
        let first = group[0]["event"]["timestamp"].clone();
        for element in group {
            element["event"]["timestamp"] = first.clone();
        }
    }
    recorded
}

/// Sorts the recorded log of a group by the order of the group. The original TypeScript package publishes the events of a
/// group concurrently. This library publishes them in order.
fn in_order(log: &Value, order: &[usize]) -> Value {
    order.iter().map(|at| log[*at].clone()).collect()
}

/// Removes the timestamp of an event of a group. The event then gets the timestamp of another event of the group.
fn now<S: EventSourced>(event: NewEvent<S>) -> NewEvent<S> {
    NewEvent { timestamp: None, ..event }
}
