//! Rolling deployments on one stream.

use std::sync::Arc;
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::rolling::{RollingBroker, RollingFactory, RollingQueue, RollingWorker, World, patient};
use castore_core::channel::MessageChannelAdapter;
use castore_core::consumer::{ConsumerHandle, Filter, Listeners};
use castore_nats::{NatsListener, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsWorker};
use castore_testing::rolling::{JournaledEvent, Pod, PodJournal, Rolling};
use tokio::sync::Mutex;

use crate::domain::{AppBus, LIVE, Pokemon, PokemonEventType, appeared, leveled_up};
use crate::support::{Streams, client, prefix, stored};

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

/// A pod: one process of the deployment. It runs a listener of a bus, and publishes messages that pass the filter of
/// this listener.
struct Listening {
    name: String,
    adapter: NatsMessageBusAdapter<AppBus>,
    wider: bool,
    listener: Worker,
}

impl Listening {
    async fn start(streams: Arc<Streams>, journal: PodJournal, wider: bool) -> Self {
        let builder = NatsMessageBusAdapter::builder(client().await, &streams.0);
        let adapter = builder.connect_timeout(Duration::from_secs(60)).connect().await.unwrap();
        let name = journal.pod().to_owned();
        let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
        let filter = if wider { filter.event_type(PokemonEventType::LeveledUp) } else { filter };
        let listener = NatsListener::builder(&adapter, "mails", filter, move |message, _| {
            journal.handled(&*message);
            async { Ok(()) }
        });
        // Only the new version replaces the filter.
        let listener = if wider { listener.replace_filter() } else { listener };
        let listener = Worker(Mutex::new(Some(listener.start().await.unwrap())));
        Self { name, adapter, wider, listener }
    }
}

#[async_trait]
impl Pod for Listening {
    async fn push(&self, number: u64) -> JournaledEvent {
        let aggregate_id = format!("{}-{number}", self.name);
        let message = if self.wider && number.is_multiple_of(2) {
            leveled_up(&aggregate_id, 1)
        } else {
            appeared(&aggregate_id, 1)
        };
        self.adapter.publish_message(message, LIVE).await.unwrap();
        JournaledEvent::new("POKEMONS", aggregate_id, 1)
    }

    async fn stop(&self) {
        self.listener.shutdown().await;
        self.adapter.shutdown().await;
    }
}

/// Three pods under load are replaced one by one by pods whose listener has a wider filter.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn listeners_are_replaced_by_listeners_with_a_wider_filter() {
    let streams = Arc::new(Streams(prefix()));
    let mut rolling = Rolling::new(streams.clone());
    for pod in ["old-1", "old-2", "old-3"] {
        rolling.start(pod, |streams, journal| Listening::start(streams, journal, false)).await;
    }
    rolling.pushes(20).await;
    for (old, new) in [("old-1", "new-1"), ("old-2", "new-2"), ("old-3", "new-3")] {
        rolling.replace(old, new, |streams, journal| Listening::start(streams, journal, true)).await;
        rolling.pushes(20).await;
    }
    let journal = rolling.finish().await;
    for pod in ["new-1", "new-2", "new-3"] {
        // The events with even numbers have the type that only the new version handles.
        for event in journal.pushed_by(pod).iter().step_by(2) {
            let pods = journal.handled_by(event);
            assert!(pods.iter().all(|pod| pod.starts_with("new")), "{event:?}: {pods:?}");
        }
    }
    assert!(stored(&client().await, &format!("{}_DEAD", streams.0)).await.is_empty());
}
