//! Rolling deployments on one stream.

use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::rolling::{RollingBroker, RollingFactory, RollingQueue, RollingWorker, World, patient};
use castore_core::consumer::{ConsumerHandle, Listeners};
use castore_nats::{NatsMessageQueueAdapter, NatsWorker};
use tokio::sync::Mutex;

use crate::support::{Streams, client, prefix};

struct Stream(Streams);

#[async_trait]
impl RollingBroker for Stream {
    async fn work<C: RollingQueue>(&self, channel: &C, listeners: Listeners<C>) -> Box<dyn RollingWorker> {
        // Each pod has its own connection.
        let adapter = NatsMessageQueueAdapter::builder(client().await, &self.0.0);
        let adapter = adapter.connect_timeout(Duration::from_secs(60)).attach_to(channel).await.unwrap();
        let worker = NatsWorker::builder_with_listeners(&adapter, listeners).retry_policy(patient());
        Box::new(Worker(Mutex::new(Some(worker.start().await.unwrap()))))
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
    type Broker = Stream;

    async fn fresh(&self) -> World<Stream> {
        World::in_memory(Stream(Streams(prefix())))
    }
}

castore_conformance::rolling_conformance!(Pods);
