//! What handlers were called with, and what they answer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use castore_core::consumer::{HandlerError, MessageContext};
use castore_core::message::{AnyMessage, ChannelMessage};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::{Notify, Semaphore};

use super::ChannelCapabilities;
use super::channels::json_of;
use super::factory::{Dead, DeadLetterHook, Handler};

/// One call of a handler.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) store: &'static str,
    pub(crate) aggregate: String,
    /// The number that the kit gave the message within its aggregate.
    pub(crate) number: u64,
    pub(crate) json: Value,
    pub(crate) context: MessageContext,
    pub(crate) at: Instant,
}

impl Call {
    /// The message without its content.
    pub(crate) fn key(&self) -> (&'static str, &str, u64) {
        (self.store, &self.aggregate, self.number)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, aggregate, number, context, .. } = self;
        write!(formatter, "{store} {aggregate:?} #{number}, attempt {}", context.attempt)?;
        write!(formatter, " ({} left, replay {})", context.retry_attempts_left, context.replay)
    }
}

/// What a handler answers.
pub(crate) enum Answer {
    Done,
    Fail,
    FailForGood,
    /// Fails with an error whose text panics when it is rendered.
    FailUnprintably,
    Panic,
    /// Done after a while; written down when it begins.
    Slowly(Duration),
    /// Done after a while, and written down only then: not if the handler is killed before.
    DoneAfter(Duration),
    /// Never returns. The value is dropped with the handler's future.
    Forever(Arc<()>),
    /// Fails when there is a permit, or when it has waited for longer than anything takes.
    FailWhen(Arc<Semaphore>),
}

/// An error of a user's whose `Display` has a bug.
#[derive(Debug)]
struct Unprintable;

impl fmt::Display for Unprintable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("a bug in the text of an error")
    }
}

impl std::error::Error for Unprintable {}

/// All calls of the handlers that write into it.
#[derive(Clone)]
pub(crate) struct Log {
    shared: Arc<Shared>,
    capabilities: ChannelCapabilities,
}

#[derive(Default)]
struct Shared {
    calls: Mutex<Vec<Call>>,
    dead: Mutex<Vec<(Value, u32, bool)>>,
    changed: Notify,
}

impl Log {
    pub(crate) fn new(capabilities: &ChannelCapabilities) -> Self {
        Self { shared: Arc::default(), capabilities: capabilities.clone() }
    }

    /// A handler of the channel's messages that writes down its calls and answers as told.
    pub(crate) fn handler<M: ChannelMessage + Serialize>(
        &self,
        answer: impl Fn(&Call) -> Answer + Send + Sync + 'static,
    ) -> Handler<M> {
        self.handler_by(|message: &M| (message.as_message().event_store_id(), json_of(message)), answer)
    }

    /// The same for a handler of one store's messages, of which the kit sees what any message tells.
    pub(crate) fn handler_of_store<M: AnyMessage>(&self) -> Handler<M> {
        self.handler_by(
            |message: &M| {
                let json = serde_json::json!({
                    "aggregateId": message.aggregate_id(),
                    "type": message.event_type(),
                    // What tells the messages of an aggregate apart, where they have one.
                    "version": message.version(),
                });
                (message.event_store_id(), json)
            },
            |_| Answer::Done,
        )
    }

    fn handler_by<M: Send + Sync + 'static>(
        &self,
        look: fn(&M) -> (&'static str, Value),
        answer: impl Fn(&Call) -> Answer + Send + Sync + 'static,
    ) -> Handler<M> {
        let (shared, answer) = (self.shared.clone(), Arc::new(answer));
        Arc::new(move |message, context| {
            let (store, json) = look(&message);
            let (shared, answer) = (shared.clone(), answer.clone());
            Box::pin(async move {
                let call = Call {
                    store,
                    aggregate: aggregate_of(&json),
                    number: number_of(&json),
                    json,
                    context,
                    at: Instant::now(),
                };
                let answer = answer(&call);
                match &answer {
                    Answer::DoneAfter(time) => tokio::time::sleep(*time).await,
                    Answer::FailWhen(gate) => drop(tokio::time::timeout(Duration::from_secs(30), gate.acquire()).await),
                    _ => {}
                }
                // Written down when the handler is done with it, but for the slow ones, whose start is of interest.
                shared.calls.lock().unwrap().push(call);
                shared.changed.notify_waiters();
                match answer {
                    Answer::Done | Answer::DoneAfter(_) => Ok(()),
                    Answer::Fail | Answer::FailWhen(_) => Err(HandlerError::new("a failure that the kit made")),
                    Answer::FailForGood => Err(HandlerError::park("a failure for good that the kit made")),
                    Answer::FailUnprintably => Err(HandlerError::new(Unprintable)),
                    Answer::Panic => panic!("a panic that the kit made"),
                    Answer::Forever(_dropped_with_the_handler) => std::future::pending().await,
                    Answer::Slowly(time) => {
                        tokio::time::sleep(time).await;
                        Ok(())
                    }
                }
            })
        })
    }

    pub(crate) fn dead_letter_hook<M: ChannelMessage + Serialize>(&self) -> DeadLetterHook<M> {
        let shared = self.shared.clone();
        Arc::new(move |dead: Dead<M>| {
            shared.dead.lock().unwrap().push((json_of(&*dead.message), dead.attempts, dead.replay));
            shared.changed.notify_waiters();
        })
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// How many calls there were.
    pub(crate) fn count(&self) -> usize {
        self.shared.calls.lock().unwrap().len()
    }

    /// The dead letters: message, attempts, replay.
    pub(crate) fn dead(&self) -> Vec<(Value, u32, bool)> {
        self.shared.dead.lock().unwrap().clone()
    }

    /// Waits until the log is as wanted.
    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&Self) -> bool) {
        let deadline = tokio::time::Instant::now() + self.capabilities.patience;
        loop {
            let changed = self.shared.changed.notified();
            let mut changed = std::pin::pin!(changed);
            changed.as_mut().enable();
            if wanted(self) {
                return;
            }
            if tokio::time::timeout_at(deadline, changed).await.is_err() && !wanted(self) {
                panic!("not in {:?}: {what}; the calls: {:#?}", self.capabilities.patience, self.calls());
            }
        }
    }

    /// Waits for so many calls, and a while longer for those that must not come.
    pub(crate) async fn settle(&self, calls: usize) -> Vec<Call> {
        // Counted first: to look for repetitions among many thousands after each call would take minutes.
        let enough = |log: &Self| log.count() >= calls && log.distinct().len() >= calls;
        self.until(&format!("{calls} calls"), enough).await;
        tokio::time::sleep(self.capabilities.quiet).await;
        let calls_made = self.distinct();
        assert_eq!(calls_made.len(), calls, "calls of handlers: {calls_made:#?}");
        calls_made
    }

    /// The calls; without repetitions where the adapter may repeat deliveries.
    fn distinct(&self) -> Vec<Call> {
        let mut calls = self.calls();
        if !self.capabilities.exactly_once {
            let mut seen = std::collections::HashSet::new();
            calls.retain(|call| seen.insert((call.json.to_string(), call.context.attempt, call.context.replay)));
        }
        calls
    }
}

/// The numbers of each aggregate's calls, in the order of the calls.
pub(crate) fn by_aggregate(calls: &[Call]) -> BTreeMap<(&'static str, String), Vec<u64>> {
    let mut numbers = BTreeMap::<_, Vec<u64>>::new();
    for call in calls {
        numbers.entry((call.store, call.aggregate.clone())).or_default().push(call.number);
    }
    numbers
}

fn aggregate_of(json: &Value) -> String {
    let id = json.get("aggregateId").or_else(|| json.get("event")?.get("aggregateId"));
    id.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The kit counts in the timestamps, which every kind of message has.
fn number_of(json: &Value) -> u64 {
    let timestamp = json.get("initialEventTimestamp").or_else(|| json.get("event")?.get("timestamp"));
    let timestamp = timestamp.and_then(Value::as_str).and_then(|text| text.parse().ok());
    timestamp.map_or(0, |timestamp: castore_core::time::Timestamp| {
        (timestamp.unix_millis() - super::subject::moment(0).unix_millis()).unsigned_abs()
    })
}
