//! The conformance tests, with a rule and a queue for each listener.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::channel::{BusConsumer, BusFactory, ChannelCapabilities, DeadLetterHook, Handler, KitBus};
use castore_core::channel::Unordered;
use castore_core::consumer::{ChannelFilter, DeadLetters, MessageHandler, RetryPolicy};
use castore_event_bridge::{EventBridgeMessageBusAdapter, EventPattern, Rule};
use tokio::sync::watch;

use crate::support::{clients_of_new_account, queue};
use crate::worker::{HIDDEN, Worker, Working};

struct EventBridge;

#[async_trait]
impl BusFactory<Unordered> for EventBridge {
    type Consumer<C: KitBus<Order = Unordered>> = Listening<C>;

    async fn attach<C: KitBus<Order = Unordered>>(&self, channel: &C, retry_policy: RetryPolicy) -> Listening<C> {
        let (events, sqs) = clients_of_new_account();
        events.create_event_bus().name("kit").send().await.unwrap();
        // Without the mark, a replayed aggregate-exists message looks like a live one.
        EventBridgeMessageBusAdapter::builder(events.clone(), "kit")
            .mark_replays_in_detail(true)
            .attach_to(channel)
            .unwrap();
        Listening {
            events,
            sqs,
            retry_policy,
            dead_letter_hook: Mutex::new(None),
            listeners: AtomicUsize::new(0),
            stop: watch::Sender::new(false),
            working: Mutex::new(Vec::new()),
        }
    }

    fn capabilities(&self) -> ChannelCapabilities {
        ChannelCapabilities::full()
            .durable()
            // The guarantees of EventBridge and of standard queues. Neither guarantees exactly-once delivery, but the
            // emulator does.
            .in_any_order()
            // The limit of the adapter, including the bytes of source and detail type.
            .max_message_len(1024 * 1024 - 64)
            // The messages are in the queues of the listeners, which are independent of the publisher.
            .shutdown_leaves_messages()
            .publishes_after_shutdown()
            // Visibility timeouts are in whole seconds.
            .retry_delay(Duration::from_secs(1))
            // The messages of a killed worker stay hidden for a while, and all tests share the emulator.
            .patience(Duration::from_secs(60))
            .quiet(Duration::from_millis(200))
    }
}

struct Listening<C: KitBus> {
    events: aws_sdk_eventbridge::Client,
    sqs: aws_sdk_sqs::Client,
    retry_policy: RetryPolicy,
    dead_letter_hook: Mutex<Option<DeadLetterHook<C::Message>>>,
    listeners: AtomicUsize,
    stop: watch::Sender<bool>,
    working: Mutex<Vec<Working<C>>>,
}

impl<C: KitBus> Listening<C> {
    fn take(&self) -> Vec<Working<C>> {
        std::mem::take(&mut *self.working.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl<C: KitBus> BusConsumer<C> for Listening<C> {
    async fn listen<F: ChannelFilter<C>>(&self, filter: F, listener: Handler<F::Message>) {
        // After a kill, the n-th listener continues with the n-th queue.
        let name = format!("listener-{}", self.listeners.fetch_add(1, Ordering::SeqCst));
        let (queue_url, queue_arn) = queue(&self.sqs, &name, HIDDEN).await;
        let pattern = EventPattern::of_filter::<C>(&filter);
        Rule::new("kit", name, pattern).deploy(&self.events, &queue_arn).await.unwrap();
        // The listener does not filter again, so that the tests check the rule and not the filter.
        let handler =
            MessageHandler::new(move |message: castore_core::consumer::ReceivedMessage<C::Message>, context| {
                let narrowed = filter.receive(Arc::new((*message).clone()));
                let handled = narrowed.map(|message| listener(message, context));
                async move {
                    match handled {
                        Some(handled) => handled.await,
                        None => panic!("the rule delivered a message that the listener cannot have"),
                    }
                }
            });
        let dead_letter_hook = self.dead_letter_hook.lock().unwrap().clone();
        let worker = Worker::<C> {
            sqs: self.sqs.clone(),
            queue_url,
            handler,
            retry_policy: self.retry_policy,
            dead_letter_hook,
        };
        let working = worker.start(self.stop.subscribe());
        self.working.lock().unwrap().push(working);
    }

    async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>) {
        *self.dead_letter_hook.lock().unwrap() = Some(hook);
    }

    /// Returns `None`, because the dead letters are in the queues behind the rules, which have a separate adapter.
    fn dead_letters(&self, _: usize) -> Option<Arc<dyn DeadLetters>> {
        None
    }

    async fn shutdown(&self) {
        self.stop.send_replace(true);
        for working in self.take() {
            working.task.await.unwrap();
        }
        *self.dead_letter_hook.lock().unwrap() = None;
    }

    async fn shutdown_within(&self, limit: Duration) {
        self.stop.send_replace(true);
        let deadline = tokio::time::Instant::now() + limit;
        for mut working in self.take() {
            if tokio::time::timeout_at(deadline, &mut working.task).await.is_err() {
                working.kill().await;
            }
        }
    }

    async fn kill(&self) {
        for working in self.take() {
            working.kill().await;
        }
        self.listeners.store(0, Ordering::SeqCst);
    }
}

castore_conformance::bus_conformance!(unordered, EventBridge);
