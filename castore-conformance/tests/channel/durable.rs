//! Tests of the behaviors of durable adapters, with a minimal queue that survives its worker, and with variants of this
//! queue that have one fault each.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::channel::channels::OrderedNotificationQueue;
use castore_conformance::channel::{
    AsQueue, ChannelCapabilities, DeadLetterHook, Handler, KitQueue, QueueConsumer, QueueFactory, durable, volume,
};
use castore_core::channel::{
    AdapterFor, MessageChannelAdapter, MessageOrder, PerAggregate, PublishError, PublishMessageOptions, Queue,
};
use castore_core::consumer::{ConsumerStatus, DeadLetters, Listeners, MessageContext, ReceivedMessage, RetryPolicy};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// When the worker is killed, messages in progress are lost.
    LosesWhatIsInHand,
    /// Messages that are published without a worker are lost.
    LosesWithoutWorker,
    /// When the worker is killed, messages in progress are redelivered after all other messages.
    LosesOrder,
    /// One of the messages that are published without a worker is lost, and the last handled message is redelivered
    /// instead.
    LosesOneWithoutWorker,
    /// The next worker receives all messages again, including handled messages.
    ForgetsWhatIsHandled,
    /// One in a thousand messages is lost.
    LosesOneInAThousand,
}

macro_rules! found_by {
    ($($fault:ident: $($topic:ident::$behavior:ident),+;)+) => {
        #[test]
        fn every_fault_is_found_and_only_the_fault() {
            let mut wrong = Vec::new();
            $($(
                let passes = |fault| {
                    catch_unwind(AssertUnwindSafe(|| {
                        castore_conformance::__private::run(async {
                            $topic::$behavior::<OrderedNotificationQueue>(&AsQueue(Factory(fault))).await;
                        });
                    }))
                    .is_ok()
                };
                if passes(Fault::$fault) {
                    wrong.push(concat!(stringify!($behavior), " passes despite ", stringify!($fault)));
                }
                if !passes(Fault::None) {
                    wrong.push(concat!(stringify!($behavior), " fails without any fault"));
                }
            )+)+
            assert_eq!(wrong, [] as [&str; 0]);
        }
    };
}

found_by! {
    LosesWhatIsInHand: durable::messages_of_a_killed_consumer_are_redelivered, durable::consumers_killed_again_and_again_lose_nothing;
    LosesWithoutWorker: durable::messages_wait_for_the_next_consumer;
    LosesOneWithoutWorker: durable::messages_wait_for_the_next_consumer;
    ForgetsWhatIsHandled: durable::messages_wait_for_the_next_consumer;
    LosesOrder: durable::consumers_killed_again_and_again_lose_nothing;
    LosesOneInAThousand: volume::many_messages_are_all_handled;
}

struct Factory(Fault);

#[async_trait]
impl<O: MessageOrder> QueueFactory<O> for Factory {
    type Consumer<C: KitQueue<Order = O>> = Shelf<C>;

    async fn attach<C: KitQueue<Order = O>>(&self, channel: &C, _: RetryPolicy) -> Shelf<C> {
        let shelf = Shelf { fault: self.0, state: Arc::default(), published: Arc::default(), worker: Arc::default() };
        channel.set_adapter(shelf.clone());
        shelf
    }

    fn capabilities(&self) -> ChannelCapabilities {
        // For faulty queues, the limit is short, because they lose messages, and every wait for such a message times
        // out.
        let patience = if self.0 == Fault::None { 30 } else { 2 };
        ChannelCapabilities::full().durable().at_least_once().patience(Duration::from_secs(patience))
    }
}

/// A queue that stores its messages in memory. Its worker takes one message at a time.
#[derive(Debug)]
struct Shelf<C: KitQueue> {
    fault: Fault,
    state: Arc<Mutex<State<C::Message>>>,
    published: Arc<Notify>,
    worker: Arc<Mutex<Option<JoinHandle<()>>>>,
}

#[derive(Debug)]
struct State<M> {
    shelf: VecDeque<Arc<M>>,
    handled: Vec<Arc<M>>,
    count: u64,
    lost_one: bool,
}

impl<M> Default for State<M> {
    fn default() -> Self {
        Self { shelf: VecDeque::new(), handled: Vec::new(), count: 0, lost_one: false }
    }
}

impl<C: KitQueue> Clone for Shelf<C> {
    fn clone(&self) -> Self {
        let Self { fault, state, published, worker } = self;
        Self { fault: *fault, state: state.clone(), published: published.clone(), worker: worker.clone() }
    }
}

#[async_trait]
impl<C: KitQueue> MessageChannelAdapter<C::Message> for Shelf<C> {
    async fn publish_message(&self, message: C::Message, _: PublishMessageOptions) -> Result<(), PublishError> {
        let has_worker = self.worker.lock().unwrap().is_some();
        let mut state = self.state.lock().unwrap();
        state.count += 1;
        let lost = match self.fault {
            Fault::LosesWithoutWorker => !has_worker,
            Fault::LosesOneWithoutWorker => {
                let first = !has_worker && !std::mem::replace(&mut state.lost_one, !has_worker);
                if first && let Some(last) = state.handled.pop() {
                    state.shelf.push_back(last);
                }
                first
            }
            Fault::LosesOneInAThousand => state.count.is_multiple_of(1_000),
            _ => false,
        };
        if !lost {
            state.shelf.push_back(Arc::new(message));
        }
        self.published.notify_one();
        Ok(())
    }
}

impl<C: KitQueue> AdapterFor<Queue> for Shelf<C> {
    type Order = PerAggregate;
}
#[async_trait]
impl<C: KitQueue> QueueConsumer<C> for Shelf<C> {
    async fn work(&self, worker: Handler<C::Message>) {
        let Self { fault, state, published, .. } = self.clone();
        if fault == Fault::ForgetsWhatIsHandled {
            let mut state = state.lock().unwrap();
            let mut all: VecDeque<_> = state.handled.drain(..).collect();
            all.append(&mut state.shelf);
            state.shelf = all;
        }
        let task = tokio::spawn(async move {
            loop {
                let next = {
                    let mut state = state.lock().unwrap();
                    match fault {
                        Fault::LosesWhatIsInHand => state.shelf.pop_front(),
                        // The message is redelivered after the messages that are in the queue at this time.
                        Fault::LosesOrder => {
                            let front = state.shelf.pop_front();
                            state.shelf.extend(front);
                            state.shelf.back().cloned()
                        }
                        _ => state.shelf.front().cloned(),
                    }
                };
                let Some(message) = next else {
                    published.notified().await;
                    continue;
                };
                let context = MessageContext::new(1, 0, false);
                let _ = worker(ReceivedMessage::new(message.clone()), context).await;
                let mut state = state.lock().unwrap();
                state.shelf.retain(|other| !Arc::ptr_eq(other, &message));
                state.handled.push(message);
            }
        });
        *self.worker.lock().unwrap() = Some(task);
    }

    async fn listen(&self, _: Listeners<C>) {
        unreachable!("the behaviors of durable queues have one handler");
    }

    fn status(&self) -> ConsumerStatus {
        ConsumerStatus::default()
    }

    async fn on_dead_letter(&self, _: DeadLetterHook<C::Message>) {}

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        None
    }

    async fn shutdown(&self) {
        self.kill().await;
    }

    async fn shutdown_within(&self, _: Duration) {
        self.kill().await;
    }

    async fn kill(&self) {
        let task = self.worker.lock().unwrap().take();
        if let Some(task) = task {
            task.abort();
        }
    }
}
