//! Records of handler calls, and handlers with predefined outcomes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use castore_core::consumer::{DeadLetterContent, HandlerError, MessageContext};
use castore_core::context::EventContext;
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
    /// The number of the message within its aggregate.
    pub(crate) number: u64,
    pub(crate) json: Value,
    pub(crate) context: MessageContext,
    /// The event context that was set while the handler ran.
    pub(crate) current: EventContext,
    pub(crate) at: Instant,
}

impl Call {
    /// Returns the event store, the aggregate and the number of the message. Together, they identify the message.
    pub(crate) fn key(&self) -> (&'static str, &str, u64) {
        (self.store, &self.aggregate, self.number)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, aggregate, number, context, .. } = self;
        write!(formatter, "{store} {aggregate:?} #{number}, attempt {}", context.attempt)?;
        write!(formatter, " ({} retries left, replay: {})", context.retry_attempts_left, context.replay)
    }
}

/// The outcome of a handler call.
pub(crate) enum Answer {
    Done,
    Fail,
    FailPermanently,
    /// Fails with an error whose `Display` panics.
    FailUnprintably,
    Panic,
    /// Succeeds after a delay. The call is recorded when it starts.
    Slowly(Duration),
    /// Succeeds after a delay. The call is recorded at the end, so it is not recorded if the handler is killed during
    /// the delay.
    DoneAfter(Duration),
    /// Never returns. The `Arc` is dropped together with the handler's future, so that tests can detect the drop.
    Forever(Arc<()>),
    /// Fails when the semaphore has a permit, or after 30 seconds without one, which is longer than any test needs.
    FailWhen(Arc<Semaphore>),
}

/// A user error whose `Display` panics.
#[derive(Debug)]
struct Unprintable;

impl fmt::Display for Unprintable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("a bug in the text of an error")
    }
}

impl std::error::Error for Unprintable {}

/// The record of all calls of the handlers that write to it.
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

    /// Returns a handler for the messages of the channel, which records its calls in this log. `answer` determines the
    /// outcome of each call.
    pub(crate) fn handler<M: ChannelMessage + Serialize>(
        &self,
        answer: impl Fn(&Call) -> Answer + Send + Sync + 'static,
    ) -> Handler<M> {
        self.handler_by(|message: &M| (message.as_message().event_store_id(), json_of(message)), answer)
    }

    /// Returns a handler for the messages of one store, which records its calls in this log. The records contain only
    /// the fields that all kinds of messages have.
    pub(crate) fn handler_of_store<M: AnyMessage>(&self) -> Handler<M> {
        self.handler_by(
            |message: &M| {
                let json = serde_json::json!({
                    "aggregateId": message.aggregate_id(),
                    "type": message.event_type(),
                    // The version identifies a message within its aggregate, if the message has one.
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
                    current: EventContext::current(),
                    at: Instant::now(),
                };
                let answer = answer(&call);
                match &answer {
                    Answer::DoneAfter(time) => tokio::time::sleep(*time).await,
                    Answer::FailWhen(gate) => drop(tokio::time::timeout(Duration::from_secs(30), gate.acquire()).await),
                    _ => {}
                }
                // The delays above come before the record, so a handler that is killed during such a delay leaves no
                // record. `Slowly` and `Forever` wait after the record.
                shared.calls.lock().unwrap().push(call);
                shared.changed.notify_waiters();
                match answer {
                    Answer::Done | Answer::DoneAfter(_) => Ok(()),
                    Answer::Fail | Answer::FailWhen(_) => Err(HandlerError::new("a failure that the kit made")),
                    Answer::FailPermanently => Err(HandlerError::park("a permanent failure injected by the kit")),
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
            shared.dead.lock().unwrap().push((json_of_letter(&dead.content), dead.attempts, dead.replay));
            shared.changed.notify_waiters();
        })
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// Returns the number of calls.
    pub(crate) fn count(&self) -> usize {
        self.shared.calls.lock().unwrap().len()
    }

    /// Returns the dead letters: message, attempts, replay flag.
    pub(crate) fn dead(&self) -> Vec<(Value, u32, bool)> {
        self.shared.dead.lock().unwrap().clone()
    }

    /// Waits until the log fulfills the condition. `what` is the description of the condition for the failure message.
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
                panic!(
                    "timed out after {:?}, waiting for {what}; the calls: {:#?}",
                    self.capabilities.patience,
                    self.calls()
                );
            }
        }
    }

    /// Checks a condition that does not depend on the log repeatedly, until the condition is true.
    pub(crate) async fn poll(&self, what: &str, wanted: impl Fn() -> bool) {
        let deadline = tokio::time::Instant::now() + self.capabilities.patience;
        while !wanted() {
            let waited = self.capabilities.patience;
            assert!(tokio::time::Instant::now() < deadline, "timed out after {waited:?}, waiting until {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits for the given number of calls, and then for a while to detect calls that must not happen.
    pub(crate) async fn settle(&self, calls: usize) -> Vec<Call> {
        // The count is compared first, because searching for repetitions among thousands of calls would take minutes.
        let enough = |log: &Self| log.count() >= calls && log.distinct().len() >= calls;
        self.until(&format!("{calls} calls"), enough).await;
        tokio::time::sleep(self.capabilities.quiet).await;
        let calls_made = self.distinct();
        assert_eq!(calls_made.len(), calls, "calls of handlers: {calls_made:#?}");
        calls_made
    }

    /// Returns the calls, without repetitions if the adapter may deliver a message more than once.
    fn distinct(&self) -> Vec<Call> {
        let mut calls = self.calls();
        if !self.capabilities.exactly_once {
            let mut seen = std::collections::HashSet::new();
            calls.retain(|call| seen.insert((call.json.to_string(), call.context.attempt, call.context.replay)));
        }
        calls
    }
}

/// Returns the message numbers of each aggregate, in the order of the calls.
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

/// Returns the number of a message. The kit stores this number in the timestamp, because every kind of message has a
/// timestamp.
fn number_of(json: &Value) -> u64 {
    let timestamp = json.get("initialEventTimestamp").or_else(|| json.get("event")?.get("timestamp"));
    let timestamp = timestamp.and_then(Value::as_str).and_then(|text| text.parse().ok());
    timestamp.map_or(0, |timestamp: castore_core::time::Timestamp| {
        (timestamp.unix_millis() - super::subject::moment(0).unix_millis()).unsigned_abs()
    })
}

/// Returns the JSON of a dead letter.
fn json_of_letter<M: ChannelMessage + Serialize>(content: &DeadLetterContent<M>) -> Value {
    match content {
        DeadLetterContent::Message(message) => json_of(&**message),
        DeadLetterContent::Undecodable(message) => serde_json::from_str(message.body()).expect("JSON"),
        _ => panic!("the kit does not know this content of a dead letter"),
    }
}
