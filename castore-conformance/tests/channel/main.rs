//! Runs the kit against the in-memory queue and bus, against a durable queue, and against adapters with deliberate
//! faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::channel::{
    BusConsumer, BusFactory, DeadLetterHook, Handler, KitBus, KitQueue, QueueConsumer, QueueFactory,
};
use castore_core::channel::MessageOrder;
use castore_core::consumer::{ChannelFilter, ConsumerStatus, DeadLetters, Listeners, RetryPolicy};
use castore_runtime::in_memory::{InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter};

mod durable;
mod faulty;
mod rolling;

struct InMemory;

struct Queue<C: KitQueue>(InMemoryMessageQueueAdapter<C>);

struct Bus<C: KitBus>(InMemoryMessageBusAdapter<C>);

#[async_trait]
impl<O: MessageOrder> QueueFactory<O> for InMemory {
    type Consumer<C: KitQueue<Order = O>> = Queue<C>;

    async fn attach<C: KitQueue<Order = O>>(&self, channel: &C, retry_policy: RetryPolicy) -> Queue<C> {
        Queue(InMemoryMessageQueueAdapter::attach_to(channel).with_retry_policy(retry_policy).with_dead_letters(100))
    }
}

#[async_trait]
impl<C: KitQueue> QueueConsumer<C> for Queue<C> {
    async fn work(&self, worker: Handler<C::Message>) {
        self.0.worker(move |message, context| worker(message, context));
    }

    async fn listen(&self, listeners: Listeners<C>) {
        self.0.listen(listeners);
    }

    fn status(&self) -> ConsumerStatus {
        self.0.status()
    }

    async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>) {
        self.0.on_dead_letter(move |letter| hook(letter.into()));
    }

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        Some(Arc::new(self.0.dead_letters()))
    }

    async fn shutdown(&self) {
        self.0.shutdown().await;
    }

    async fn shutdown_within(&self, limit: Duration) {
        let _ = self.0.shutdown_within(limit).await;
    }
}

#[async_trait]
impl<O: MessageOrder> BusFactory<O> for InMemory {
    type Consumer<C: KitBus<Order = O>> = Bus<C>;

    async fn attach<C: KitBus<Order = O>>(&self, channel: &C, retry_policy: RetryPolicy) -> Bus<C> {
        Bus(InMemoryMessageBusAdapter::attach_to(channel).with_retry_policy(retry_policy).with_dead_letters(100))
    }
}

#[async_trait]
impl<C: KitBus> BusConsumer<C> for Bus<C> {
    async fn listen<F: ChannelFilter<C>>(&self, filter: F, listener: Handler<F::Message>) {
        self.0.on(filter, move |message, context| listener(message, context));
    }

    async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>) {
        self.0.on_dead_letter(move |letter| hook(letter.into()));
    }

    fn dead_letters(&self, listener: usize) -> Option<Arc<dyn DeadLetters>> {
        Some(Arc::new(self.0.dead_letters_of(listener)?))
    }

    async fn shutdown(&self) {
        self.0.shutdown().await;
    }

    async fn shutdown_within(&self, limit: Duration) {
        let _ = self.0.shutdown_within(limit).await;
    }
}

castore_conformance::queue_conformance!(unordered, InMemory);
castore_conformance::queue_conformance!(per_aggregate, InMemory);
castore_conformance::bus_conformance!(unordered, InMemory);
castore_conformance::bus_conformance!(per_aggregate, InMemory);
