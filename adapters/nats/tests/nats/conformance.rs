//! The conformance tests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::channel::{
    BusConsumer, BusFactory, ChannelCapabilities, DeadLetterHook, Handler, KitBus, KitQueue, QueueConsumer,
    QueueFactory,
};
use castore_core::channel::{PerAggregate, Unordered};
use castore_core::consumer::{ChannelFilter, ConsumerHandle, ConsumerStatus, DeadLetters, Listeners, RetryPolicy};
use castore_nats::{
    NatsAdapterBuilder, NatsBus, NatsDeadLetters, NatsListener, NatsListenerBuilder, NatsMessageBusAdapter,
    NatsMessageQueueAdapter, NatsPartitionedMessageBusAdapter, NatsPartitionedMessageQueueAdapter, NatsWorker,
    NatsWorkerBuilder,
};

use crate::support::{Streams, client, prefix};

/// The time after which messages of a killed consumer are delivered again. The time is long enough for a machine that
/// stalls for a moment.
const ACK_WAIT: Duration = Duration::from_secs(8);

fn capabilities() -> ChannelCapabilities {
    ChannelCapabilities::full()
        .durable()
        .carries_json()
        // This is intended: the messages remain on the server for other workers.
        .shutdown_leaves_messages()
        // The server's limit is 1 MiB, including the headers. One KiB of it is kept free for dead letters.
        .max_message_len(1024 * 1024 - 1024 - 256)
        // Messages of a killed consumer are delivered again after `ACK_WAIT`.
        .patience(Duration::from_secs(60))
        .quiet(Duration::from_millis(100))
        // On a busy machine, a message must not use up its retries while three messages are being published.
        .retry_delay(Duration::from_millis(150))
}

/// Returns the capabilities of unordered channels, whose handlers run concurrently.
fn unordered() -> ChannelCapabilities {
    capabilities().in_any_order()
}

struct Nats;

/// Sets time limits that a machine under load can meet.
fn patient<A>(builder: NatsAdapterBuilder<A>) -> NatsAdapterBuilder<A> {
    builder.connect_timeout(Duration::from_secs(120)).publish_timeout(Duration::from_secs(120))
}

/// The state of a consumer that the conformance kit controls. `A` is the type of the adapter, which is a different type
/// for ordered channels.
struct Consumer<A, M> {
    adapter: A,
    retry_policy: RetryPolicy,
    hook: Mutex<Option<DeadLetterHook<M>>>,
    handles: Mutex<Vec<ConsumerHandle>>,
    _streams: Streams,
}

impl<A, M: 'static> Consumer<A, M> {
    fn new(adapter: A, retry_policy: RetryPolicy, streams: Streams) -> Self {
        let (hook, handles) = (Mutex::default(), Mutex::default());
        Self { adapter, retry_policy, hook, handles, _streams: streams }
    }

    fn take(&self) -> Vec<ConsumerHandle> {
        std::mem::take(&mut self.handles.lock().unwrap())
    }

    async fn start<C: KitQueue<Message = M>>(&self, worker: NatsWorkerBuilder<C>) {
        let worker = worker.retry_policy(self.retry_policy).ack_wait(ACK_WAIT);
        let hook = self.hook.lock().unwrap().clone();
        let worker = match hook {
            Some(hook) => worker.on_dead_letter(move |letter| hook(letter.into())),
            None => worker,
        };
        let handle = worker.start().await.expect("a worker");
        self.handles.lock().unwrap().push(handle);
    }

    async fn stop(&self) {
        self.hook.lock().unwrap().take();
        for handle in self.take() {
            handle.shutdown().await.expect("no handler stops it");
        }
    }

    async fn stop_within(&self, limit: Duration) {
        for handle in self.take() {
            let _ = handle.shutdown_within(limit).await;
        }
    }

    async fn kill(&self) {
        for handle in self.take() {
            handle.abort().await;
        }
    }
}

macro_rules! conformance {
    ($queue:ident, $bus:ident, $order:ident, $capabilities:ident) => {
        #[async_trait]
        impl QueueFactory<$order> for Nats {
            type Consumer<C: KitQueue<Order = $order>> = Consumer<$queue<C>, C::Message>;

            async fn attach<C: KitQueue<Order = $order>>(
                &self,
                channel: &C,
                retry_policy: RetryPolicy,
            ) -> Self::Consumer<C> {
                let streams = Streams(prefix());
                let builder = patient($queue::builder(client().await, &streams.0));
                let adapter = builder.attach_to(channel).await.expect("a queue");
                Consumer::new(adapter, retry_policy, streams)
            }

            fn capabilities(&self) -> ChannelCapabilities {
                $capabilities()
            }
        }

        #[async_trait]
        impl<C: KitQueue> QueueConsumer<C> for Consumer<$queue<C>, C::Message> {
            async fn work(&self, worker: Handler<C::Message>) {
                let worker = NatsWorker::builder(&self.adapter, move |message, context| worker(message, context));
                self.start(worker).await;
            }

            async fn listen(&self, listeners: Listeners<C>) {
                self.start(NatsWorker::builder_with_listeners(&self.adapter, listeners)).await;
            }

            fn status(&self) -> ConsumerStatus {
                self.handles.lock().unwrap().last().map(ConsumerHandle::status).unwrap_or_default()
            }

            async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>) {
                *self.hook.lock().unwrap() = Some(hook);
            }

            fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
                Some(Arc::new(NatsDeadLetters::of_workers(&self.adapter)))
            }

            async fn shutdown(&self) {
                self.adapter.shutdown().await;
                self.stop().await;
            }

            async fn shutdown_within(&self, limit: Duration) {
                self.stop_within(limit).await;
            }

            async fn kill(&self) {
                self.kill().await;
            }
        }

        #[async_trait]
        impl BusFactory<$order> for Nats {
            type Consumer<C: KitBus<Order = $order>> = Bus<$bus<C>, C::Message>;

            async fn attach<C: KitBus<Order = $order>>(
                &self,
                channel: &C,
                retry_policy: RetryPolicy,
            ) -> Self::Consumer<C> {
                let streams = Streams(prefix());
                let builder = patient($bus::builder(client().await, &streams.0));
                let adapter = builder.attach_to(channel).await.expect("a bus");
                Bus { consumer: Consumer::new(adapter, retry_policy, streams), listeners: Mutex::new(0) }
            }

            fn capabilities(&self) -> ChannelCapabilities {
                $capabilities()
            }
        }

        #[async_trait]
        impl<C: KitBus> BusConsumer<C> for Bus<$bus<C>, C::Message> {
            async fn listen<F: ChannelFilter<C>>(&self, filter: F, listener: Handler<F::Message>) {
                let name = self.next_name();
                let listener = listener_of(&self.consumer, &name, filter, listener);
                let handle = listener.start().await.expect("a listener");
                self.consumer.handles.lock().unwrap().push(handle);
            }

            async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>) {
                *self.consumer.hook.lock().unwrap() = Some(hook);
            }

            fn dead_letters(&self, listener: usize) -> Option<Arc<dyn DeadLetters>> {
                let name = format!("listener{}", listener + 1);
                Some(Arc::new(NatsDeadLetters::of_listener(&self.consumer.adapter, name)))
            }

            async fn shutdown(&self) {
                self.consumer.adapter.shutdown().await;
                self.consumer.stop().await;
            }

            async fn shutdown_within(&self, limit: Duration) {
                self.consumer.stop_within(limit).await;
            }

            async fn kill(&self) {
                // After a kill, the next listener that is started continues the first listener, because it gets the
                // same name.
                *self.listeners.lock().unwrap() = 0;
                self.consumer.kill().await;
            }
        }
    };
}

/// A consumer of a bus, with the number of listeners that were started.
struct Bus<A, M> {
    consumer: Consumer<A, M>,
    listeners: Mutex<u32>,
}

impl<A, M> Bus<A, M> {
    fn next_name(&self) -> String {
        let mut listeners = self.listeners.lock().unwrap();
        *listeners += 1;
        format!("listener{listeners}")
    }
}

fn listener_of<C: KitBus, F: ChannelFilter<C>, A: NatsBus<C>>(
    consumer: &Consumer<A, C::Message>,
    name: &str,
    filter: F,
    handler: Handler<F::Message>,
) -> NatsListenerBuilder<C> {
    let handler = move |message, context| handler(message, context);
    let listener = NatsListener::builder(&consumer.adapter, name, filter, handler);
    let listener = listener.retry_policy(consumer.retry_policy).ack_wait(ACK_WAIT);
    match consumer.hook.lock().unwrap().clone() {
        Some(hook) => listener.on_dead_letter(move |letter| hook(letter.into())),
        None => listener,
    }
}

conformance!(NatsMessageQueueAdapter, NatsMessageBusAdapter, Unordered, unordered);
conformance!(NatsPartitionedMessageQueueAdapter, NatsPartitionedMessageBusAdapter, PerAggregate, capabilities);

castore_conformance::queue_conformance!(unordered, Nats);
castore_conformance::queue_conformance!(per_aggregate, Nats);
castore_conformance::bus_conformance!(unordered, Nats);
castore_conformance::bus_conformance!(per_aggregate, Nats);
