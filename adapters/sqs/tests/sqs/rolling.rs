//! Rolling deployments on one queue.

use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::rolling::{RollingBroker, RollingFactory, RollingQueue, RollingWorker, World, patient};
use castore_core::consumer::{ConsumerHandle, Listeners};
use castore_sqs::{SqsMessageQueueAdapter, SqsWorker};
use tokio::sync::Mutex;

use crate::support::TestQueue;

struct Queue(TestQueue);

#[async_trait]
impl RollingBroker for Queue {
    async fn work<C: RollingQueue>(&self, channel: &C, listeners: Listeners<C>) -> Box<dyn RollingWorker> {
        let client = &self.0.client;
        SqsMessageQueueAdapter::attach_to(channel, client.clone(), &self.0.url);
        let worker = SqsWorker::builder_with_listeners(client.clone(), &self.0.url, channel, listeners);
        let worker = worker.retry_policy(patient()).wait_time(Duration::from_secs(1));
        Box::new(Worker(Mutex::new(Some(worker.start().unwrap()))))
    }
}

struct Worker(Mutex<Option<ConsumerHandle>>);

#[async_trait]
impl RollingWorker for Worker {
    async fn shutdown(&self) {
        if let Some(handle) = self.0.lock().await.take() {
            handle.shutdown().await.unwrap();
        }
    }
}

struct Pods;

#[async_trait]
impl RollingFactory for Pods {
    type Broker = Queue;

    async fn fresh(&self) -> World<Queue> {
        // The emulator handles one request at a time, and all tests share it.
        World::in_memory(Queue(TestQueue::standard().await)).patience(Duration::from_secs(120))
    }
}

castore_conformance::rolling_conformance!(Pods);
