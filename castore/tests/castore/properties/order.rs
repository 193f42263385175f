//! Property tests of the order per aggregate, with random failures.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use castore::prelude::*;
use proptest::prelude::*;

use super::{config, run};
use crate::messaging::counter::*;
use crate::support::Log;

const RETRIES: u32 = 2;

/// A random message: its aggregate, the number of failures before it succeeds, whether the failures are permanent, and
/// the duration of the handler.
#[derive(Debug, Clone, Copy)]
struct Fate {
    aggregate: u8,
    failures: u32,
    takes: u64,
    permanent: bool,
    /// The delay of the publisher before the next message.
    pause: u64,
}

fn fate() -> impl Strategy<Value = Fate> {
    let failures = prop_oneof![4 => Just(0u32), 2 => 1u32..=RETRIES, 1 => Just(RETRIES + 1)];
    (0u8..4, failures, 0u64..3, prop::bool::weighted(0.1), 0u64..20).prop_map(
        |(aggregate, failures, takes, permanent, pause)| Fate { aggregate, failures, takes, permanent, pause },
    )
}

/// Returns the id of the aggregate and the version for each message. The versions of an aggregate are consecutive.
fn numbered(fates: &[Fate]) -> Vec<(String, u64, Fate)> {
    let mut versions = HashMap::new();
    fates
        .iter()
        .map(|fate| {
            let version = versions.entry(fate.aggregate).or_insert(0u64);
            *version += 1;
            (format!("a{}-", fate.aggregate), *version, *fate)
        })
        .collect()
}

type Handled = futures_core::future::BoxFuture<'static, Result<(), HandlerError>>;

struct Run {
    handled: Log<(String, u64)>,
    dead: Log<()>,
    fates: Arc<HashMap<(String, u64), Fate>>,
}

impl Run {
    fn new(messages: &[(String, u64, Fate)]) -> Self {
        let fates = messages.iter().map(|(id, version, fate)| ((id.clone(), *version), *fate)).collect();
        Self { handled: Log::new(), dead: Log::new(), fates: Arc::new(fates) }
    }

    fn handle(&self) -> impl Fn(NotificationMessage<Counter>, MessageContext) -> Handled + use<> {
        let (log, fates) = (self.handled.clone(), self.fates.clone());
        move |message, context| {
            let key = (message.event.aggregate_id.clone(), message.event.version);
            let (log, fate) = (log.clone(), fates[&key]);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(fate.takes)).await;
                if context.attempt <= fate.failures {
                    let error = if fate.permanent { HandlerError::park("no") } else { HandlerError::new("not yet") };
                    return Err(error);
                }
                log.add(key);
                Ok(())
            })
        }
    }

    /// Checks that the messages of each aggregate were handled once and in order, except dead letters.
    fn check(&self, messages: &[(String, u64, Fate)], handlers: usize) {
        let lives = |fate: &Fate| fate.failures == 0 || (fate.failures <= RETRIES && !fate.permanent);
        let mut wanted: HashMap<&str, Vec<u64>> = HashMap::new();
        for (id, version, _) in messages.iter().filter(|(.., fate)| lives(fate)) {
            wanted.entry(id).or_default().push(*version);
        }
        let handled = self.handled.entries();
        let mut seen: HashMap<&str, Vec<u64>> = HashMap::new();
        for (id, version) in &handled {
            seen.entry(id).or_default().push(*version);
        }
        assert_eq!(seen, wanted);
        let dead = messages.iter().filter(|(.., fate)| !lives(fate)).count();
        assert_eq!(self.dead.len(), dead * handlers);
    }
}

fn policy() -> RetryPolicy {
    RetryPolicy::new(RETRIES, Duration::from_millis(7), 2.0).unwrap()
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn first_successes_of_messages_are_in_order(
        fates in prop::collection::vec(fate(), 1..40),
        capacity in 1usize..50,
    ) {
        let messages = numbered(&fates);
        run(async {
            let (queue, bus) = (OrderedQueue::new(), OrderedBus::new());
            let worker = InMemoryMessageQueueAdapter::<OrderedQueue>::with_capacity(capacity);
            let worker = worker.with_retry_policy(policy());
            queue.set_adapter(worker.clone());
            let listener = InMemoryMessageBusAdapter::attach_to(&bus).with_retry_policy(policy());
            let (on_queue, on_bus) = (Run::new(&messages), Run::new(&messages));
            let (handle, dead) = (on_queue.handle(), on_queue.dead.clone());
            worker.worker(move |message, context| {
                let OrderedQueueMessage::Counter(message) = &*message;
                handle(message.clone(), context)
            });
            worker.on_dead_letter(move |_| dead.add(()));
            let (handle, dead) = (on_bus.handle(), on_bus.dead.clone());
            listener.on(Filter::store::<Counter>(), move |message, context| handle((*message).clone(), context));
            listener.on_dead_letter(move |_| dead.add(()));
            for (id, version, fate) in &messages {
                queue.publish_message(message(id, *version)).await.unwrap();
                bus.publish_message(message(id, *version)).await.unwrap();
                tokio::time::sleep(Duration::from_millis(fate.pause)).await;
            }
            worker.idle().await;
            listener.idle().await;
            on_queue.check(&messages, 1);
            on_bus.check(&messages, 1);
        });
    }

    /// The order is also kept if the adapter is shut down after the last message. The shutdown retries messages without
    /// a delay, and no message is lost.
    #[test]
    fn shutdown_keeps_the_order(fates in prop::collection::vec(fate(), 1..30)) {
        let messages = numbered(&fates);
        run(async {
            let bus = OrderedBus::new();
            let listener = InMemoryMessageBusAdapter::attach_to(&bus).with_retry_policy(policy());
            let on_bus = Run::new(&messages);
            let (handle, dead) = (on_bus.handle(), on_bus.dead.clone());
            listener.on(Filter::store::<Counter>(), move |message, context| handle((*message).clone(), context));
            listener.on_dead_letter(move |_| dead.add(()));
            let all: Vec<_> = messages.iter().map(|(id, version, _)| message(id, *version)).collect();
            bus.publish_messages(all).await.unwrap();
            listener.shutdown().await;
            on_bus.check(&messages, 1);
        });
    }

    /// Without a guaranteed order, each message is still handled once.
    #[test]
    fn no_message_is_lost_without_order(fates in prop::collection::vec(fate(), 1..30)) {
        let messages = numbered(&fates);
        run(async {
            let queue = CounterQueue::new();
            let worker = InMemoryMessageQueueAdapter::attach_to(&queue).with_retry_policy(policy());
            let run = Run::new(&messages);
            let (handle, dead) = (run.handle(), run.dead.clone());
            worker.worker(move |message, context| {
                let CounterQueueMessage::Counter(message) = &*message;
                handle(message.clone(), context)
            });
            worker.on_dead_letter(move |_| dead.add(()));
            for (id, version, _) in &messages {
                queue.publish_message(message(id, *version)).await.unwrap();
            }
            worker.idle().await;
            let mut handled = run.handled.take();
            handled.sort();
            for entry in handled {
                run.handled.add(entry);
            }
            run.check(&messages, 1);
        });
    }
}
