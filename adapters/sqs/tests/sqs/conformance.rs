use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sqs::Client;
use castore_conformance::async_trait;
use castore_conformance::channel::{
    ChannelCapabilities, DeadLetterHook, Handler, KitQueue, QueueConsumer, QueueFactory,
};
use castore_core::channel::{MessageOrder, Unordered};
use castore_core::consumer::{ConsumerHandle, ConsumerStatus, DeadLetters, Listeners, RetryPolicy};
use castore_sqs::{SqsDeadLetters, SqsFifoMessageQueueAdapter, SqsMessageQueueAdapter, SqsWorker, SqsWorkerBuilder};

use crate::support::TestQueue;

/// Standard queues of the emulator.
struct Standard;

/// FIFO queues of the emulator. The field is the number of messages in the volume test, because the emulator is slow
/// with FIFO queues.
struct Fifo(usize);

struct Consumer<C: KitQueue> {
    queue: TestQueue,
    channel: C,
    retry_policy: RetryPolicy,
    hook: Mutex<Option<DeadLetterHook<C::Message>>>,
    worker: Mutex<Option<ConsumerHandle>>,
}

impl<C: KitQueue> Consumer<C> {
    fn new(queue: TestQueue, channel: &C, retry_policy: RetryPolicy) -> Self {
        Self { queue, channel: channel.clone(), retry_policy, hook: Mutex::default(), worker: Mutex::default() }
    }

    fn start(&self, worker: SqsWorkerBuilder<C>) {
        let mut worker = worker
            .retry_policy(self.retry_policy)
            .wait_time(Duration::from_secs(2))
            // The messages of a killed worker are delivered again after this time, which is longer than any delay of the
            // emulator.
            .visibility_timeout(Duration::from_secs(12))
            .dead_letter_queue_url(&self.queue.dead_letters);
        if let Some(hook) = self.hook.lock().unwrap().clone() {
            worker = worker.on_dead_letter(move |letter| hook(letter.into()));
        }
        *self.worker.lock().unwrap() = Some(worker.start().unwrap());
    }
}

#[async_trait]
impl QueueFactory<Unordered> for Standard {
    type Consumer<C: KitQueue<Order = Unordered>> = Consumer<C>;

    async fn attach<C: KitQueue<Order = Unordered>>(&self, channel: &C, retry_policy: RetryPolicy) -> Consumer<C> {
        let queue = TestQueue::standard().await;
        SqsMessageQueueAdapter::attach_to(channel, queue.client.clone(), &queue.url);
        Consumer::new(queue, channel, retry_policy)
    }

    fn capabilities(&self) -> ChannelCapabilities {
        // The guarantees of standard queues, although the emulator gives stronger ones.
        capabilities().at_least_once().in_any_order()
    }
}

#[async_trait]
impl<O: MessageOrder> QueueFactory<O> for Fifo {
    type Consumer<C: KitQueue<Order = O>> = Consumer<C>;

    async fn attach<C: KitQueue<Order = O>>(&self, channel: &C, retry_policy: RetryPolicy) -> Consumer<C> {
        let queue = TestQueue::fifo().await;
        SqsFifoMessageQueueAdapter::attach_to(channel, queue.client.clone(), &queue.url);
        Consumer::new(queue, channel, retry_policy)
    }

    fn capabilities(&self) -> ChannelCapabilities {
        capabilities().volume(self.0)
    }
}

fn capabilities() -> ChannelCapabilities {
    ChannelCapabilities::full()
        .durable()
        .carries_json()
        .max_message_len(1024 * 1024)
        // Workers and publishers usually run in different processes, so a worker is shut down without the publisher.
        .publishes_after_shutdown()
        .shutdown_leaves_messages()
        // The delays of SQS are whole seconds.
        .retry_delay(Duration::from_secs(1))
        // The emulator handles one request at a time, and all tests share it.
        .patience(Duration::from_secs(60))
}

#[async_trait]
impl<C: KitQueue> QueueConsumer<C> for Consumer<C> {
    async fn work(&self, worker: Handler<C::Message>) {
        let client: Client = self.queue.client.clone();
        self.start(SqsWorker::builder(client, &self.queue.url, &self.channel, move |message, context| {
            worker(message, context)
        }));
    }

    async fn listen(&self, listeners: Listeners<C>) {
        let client: Client = self.queue.client.clone();
        self.start(SqsWorker::builder_with_listeners(client, &self.queue.url, &self.channel, listeners));
    }

    fn status(&self) -> ConsumerStatus {
        self.worker.lock().unwrap().as_ref().map(ConsumerHandle::status).unwrap_or_default()
    }

    async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>) {
        *self.hook.lock().unwrap() = Some(hook);
    }

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        let TestQueue { client, url, dead_letters } = &self.queue;
        Some(Arc::new(SqsDeadLetters::new(client, dead_letters, url)))
    }

    async fn shutdown(&self) {
        let worker = self.worker.lock().unwrap().take();
        if let Some(worker) = worker {
            worker.shutdown().await.unwrap();
        }
        *self.hook.lock().unwrap() = None;
    }

    async fn shutdown_within(&self, limit: Duration) {
        let worker = self.worker.lock().unwrap().take();
        if let Some(worker) = worker {
            let _ = worker.shutdown_within(limit).await;
        }
    }

    async fn kill(&self) {
        let worker = self.worker.lock().unwrap().take();
        if let Some(worker) = worker {
            worker.abort().await;
        }
    }
}

castore_conformance::queue_conformance!(unordered, Standard);
castore_conformance::queue_conformance!(mod fifo_of_unordered_channels, unordered, Fifo(1_000));
castore_conformance::queue_conformance!(per_aggregate, Fifo(10_000));
