//! Tests that delete durable consumers and streams while a consumer runs and a relay publishes messages.

use std::collections::HashSet;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_nats::jetstream::consumer::{self, pull};
use async_nats::jetstream::{self, Context};
use castore::InMemoryEventStorageAdapter;
use castore::channel::{Carries, CarriesEvents};
use castore::prelude::*;
use castore::relay::{Relay, RelayStart};
use castore_core::channel::MessageChannelAdapter;
use castore_core::consumer::{ConsumerError, ConsumerHandle, Filter, HandlerError};
use castore_nats::{
    NatsError, NatsListener, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsPartitionedMessageBusAdapter,
    NatsPartitionedMessageQueueAdapter, NatsWorker,
};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::domain::{AppBus, AppQueue, LIVE, OrderedBus, OrderedQueue, Pokemon, PokemonEvent, Trigger, appeared};
use crate::server::Server;
use crate::support::{Calls, fresh, stored, until};

/// A way of deleting durable consumers or a stream.
#[derive(Debug, Clone, Copy)]
enum Deletion {
    Consumers,
    ConsumersCreatedAgain,
    Stream,
    StreamCreatedAgain,
}

const DELETIONS: [Deletion; 4] =
    [Deletion::Consumers, Deletion::ConsumersCreatedAgain, Deletion::Stream, Deletion::StreamCreatedAgain];

async fn config(jetstream: &Context, stream: &str, durable: &str) -> Option<consumer::Config> {
    let found: Result<consumer::PullConsumer, _> = jetstream.get_consumer_from_stream(durable, stream).await;
    found.ok().map(|found| found.cached_info().config.clone())
}

/// Creates a consumer, unless it exists.
async fn create(jetstream: &Context, stream: &str, found: consumer::Config) {
    let config = pull::Config {
        durable_name: found.durable_name,
        deliver_policy: consumer::DeliverPolicy::All,
        ack_policy: found.ack_policy,
        ack_wait: found.ack_wait,
        max_deliver: found.max_deliver,
        max_ack_pending: found.max_ack_pending,
        filter_subject: found.filter_subject,
        filter_subjects: found.filter_subjects,
        ..pull::Config::default()
    };
    let _ = jetstream.create_consumer_strict_on_stream(config, stream).await;
}

impl Deletion {
    async fn happen(self, jetstream: &Context, stream: &str, durables: &[String]) {
        match self {
            Self::Consumers | Self::ConsumersCreatedAgain => {
                for durable in durables {
                    let found = config(jetstream, stream, durable).await.expect("the consumer");
                    jetstream.delete_consumer_from_stream(durable, stream).await.unwrap();
                    if matches!(self, Self::ConsumersCreatedAgain) {
                        create(jetstream, stream, found).await;
                    }
                }
            }
            Self::Stream | Self::StreamCreatedAgain => {
                let found = jetstream.get_stream(stream).await.unwrap().cached_info().config.clone();
                jetstream.delete_stream(stream).await.unwrap();
                if matches!(self, Self::StreamCreatedAgain) {
                    // The consumer may have created the stream already.
                    let _ = jetstream.create_stream(found).await;
                }
            }
        }
    }
}

/// Pushes events of new aggregates until it is stopped. A relay publishes them.
struct Pushing {
    pushed: Arc<AtomicU64>,
    relay: Relay,
    stop: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Pushing {
    async fn start<C: Carries<Pokemon> + CarriesEvents>(channel: C) -> Self {
        let storage = InMemoryEventStorageAdapter::new();
        let pokemons = EventStore::<Pokemon>::new(storage.clone()).connect_via_relay(channel.clone());
        let relay = Relay::builder(channel).publish(&pokemons);
        let relay = relay.outage_backoff(Duration::from_millis(20), Duration::from_millis(200));
        let relay = relay.start(storage, RelayStart::Beginning).await.unwrap();
        let (pushed, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (counter, stopped) = (pushed.clone(), stop.clone());
        let task = tokio::spawn(async move {
            while !stopped.load(Ordering::SeqCst) {
                let number = counter.load(Ordering::SeqCst);
                let event = PokemonEvent::Appeared { name: "Pikachu".to_owned(), level: 1 };
                let event =
                    NewEvent::new(number.to_string(), 1, event).metadata(Trigger { trigger: "test".to_owned() });
                pokemons.push_event(event).await.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        Self { pushed, relay, stop, task }
    }

    /// Returns the number of events that were pushed so far.
    fn pushed(&self) -> u64 {
        self.pushed.load(Ordering::SeqCst)
    }

    /// Waits until 20 more events are pushed.
    async fn more(&self) -> u64 {
        let target = self.pushed() + 20;
        until("more events are pushed", async || self.pushed() >= target).await;
        target
    }

    async fn stop(self) -> u64 {
        self.stop.store(true, Ordering::SeqCst);
        self.task.await.unwrap();
        self.relay.wait_until_caught_up(Duration::from_secs(60)).await.unwrap();
        self.relay.shutdown().await.unwrap();
        self.pushed.load(Ordering::SeqCst)
    }
}

fn handled(calls: &Calls) -> HashSet<u64> {
    calls.all().into_iter().map(|call| call.0.parse().unwrap()).collect()
}

/// Waits until all events of these numbers are handled.
async fn until_handled(calls: &Calls, from: u64, to: u64) {
    until(&format!("the events {from} to {to} are handled"), async || {
        let handled = handled(calls);
        (from..to).all(|number| handled.contains(&number))
    })
    .await;
}

/// Deletes the durable consumers and the stream of a consumer in every way. `keeps` specifies whether the stream keeps
/// messages while it has no consumer.
async fn survives_deletions<C: Carries<Pokemon> + CarriesEvents>(
    (client, stream): (async_nats::Client, &str),
    channel: C,
    (consumer, calls): (ConsumerHandle, Calls),
    durables: &[&str],
    keeps: bool,
) {
    let jetstream = jetstream::new(client);
    let durables: Vec<String> = durables.iter().map(|&durable| durable.to_owned()).collect();
    let pushing = Pushing::start(channel).await;
    let mut sure = (0, 0);
    for deletion in DELETIONS {
        sure.1 = pushing.more().await;
        let is_lossy = !keeps || matches!(deletion, Deletion::Stream | Deletion::StreamCreatedAgain);
        if is_lossy {
            until_handled(&calls, sure.0, sure.1).await;
        }
        deletion.happen(&jetstream, stream, &durables).await;
        until(&format!("the consumers exist after {deletion:?}"), async || {
            let mut exist = true;
            for durable in &durables {
                exist &= config(&jetstream, stream, durable).await.is_some();
            }
            exist
        })
        .await;
        if is_lossy {
            // Events that are pushed from now on are also published from now on, so none of them is lost.
            sure.0 = pushing.pushed() + 1;
        }
    }
    pushing.more().await;
    let all = pushing.stop().await;
    until_handled(&calls, sure.0, all).await;
    assert!(!consumer.is_finished());
    consumer.shutdown().await.unwrap();
}

macro_rules! noting {
    ($calls:ident) => {{
        let noted = $calls.clone();
        move |message, context| {
            noted.note(&*message, context);
            async { Ok(()) }
        }
    }};
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_survives_deletions() {
    let (client, streams) = fresh().await;
    let (channel, calls) = (AppQueue::new(), Calls::default());
    let adapter = NatsMessageQueueAdapter::attach_to(&channel, client.clone(), &streams.0).await.unwrap();
    let worker = NatsWorker::builder(&adapter, noting!(calls)).start().await.unwrap();
    survives_deletions((client, &streams.0), channel, (worker, calls), &["worker"], true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partitioned_worker_survives_deletions() {
    let (client, streams) = fresh().await;
    let (channel, calls) = (OrderedQueue::new(), Calls::default());
    let builder = NatsPartitionedMessageQueueAdapter::<OrderedQueue>::builder(client.clone(), &streams.0);
    let adapter = builder.partitions(2).attach_to(&channel).await.unwrap();
    let worker = NatsWorker::builder(&adapter, noting!(calls)).start().await.unwrap();
    survives_deletions((client, &streams.0), channel, (worker, calls), &["worker-0", "worker-1"], true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listener_survives_deletions() {
    let (client, streams) = fresh().await;
    let (channel, calls) = (AppBus::new(), Calls::default());
    let adapter = NatsMessageBusAdapter::attach_to(&channel, client.clone(), &streams.0).await.unwrap();
    let listener = NatsListener::builder(&adapter, "all", Filter::all(), noting!(calls)).start().await.unwrap();
    survives_deletions((client, &streams.0), channel, (listener, calls), &["all"], false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partitioned_listener_survives_deletions() {
    let (client, streams) = fresh().await;
    let (channel, calls) = (OrderedBus::new(), Calls::default());
    let builder = NatsPartitionedMessageBusAdapter::<OrderedBus>::builder(client.clone(), &streams.0);
    let adapter = builder.partitions(2).attach_to(&channel).await.unwrap();
    let listener = NatsListener::builder(&adapter, "all", Filter::all(), noting!(calls)).start().await.unwrap();
    survives_deletions((client, &streams.0), channel, (listener, calls), &["all-0", "all-1"], false).await;
}

/// A stream in memory does not survive a restart of its server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consumers_of_a_memory_stream_survive_a_restart() {
    let mut server = Server::start();
    let client = server.client().await;
    let (queue, worked) = (AppQueue::new(), Calls::default());
    let builder = NatsMessageQueueAdapter::<AppQueue>::builder(client.clone(), "queue").in_memory();
    let adapter = builder.publish_timeout(Duration::from_millis(500)).attach_to(&queue).await.unwrap();
    let worker = NatsWorker::builder(&adapter, noting!(worked)).start().await.unwrap();
    let (bus, heard) = (OrderedBus::new(), Calls::default());
    let builder = NatsPartitionedMessageBusAdapter::<OrderedBus>::builder(client.clone(), "bus").in_memory();
    let builder = builder.partitions(2).publish_timeout(Duration::from_millis(500));
    let adapter = builder.attach_to(&bus).await.unwrap();
    let listener = NatsListener::builder(&adapter, "all", Filter::all(), noting!(heard)).start().await.unwrap();
    let (to_queue, to_bus) = (Pushing::start(queue).await, Pushing::start(bus).await);
    let (before_queue, before_bus) = (to_queue.more().await, to_bus.more().await);
    until_handled(&worked, 0, before_queue).await;
    until_handled(&heard, 0, before_bus).await;
    server.kill();
    server.start_again();
    let jetstream = jetstream::new(client);
    until("the consumers exist", async || {
        let mut exist = true;
        for (stream, durable) in [("queue", "worker"), ("bus", "all-0"), ("bus", "all-1")] {
            exist &= config(&jetstream, stream, durable).await.is_some();
        }
        exist
    })
    .await;
    let (from_queue, from_bus) = (to_queue.pushed() + 1, to_bus.pushed() + 1);
    to_queue.more().await;
    to_bus.more().await;
    until_handled(&worked, from_queue, to_queue.stop().await).await;
    until_handled(&heard, from_bus, to_bus.stop().await).await;
    worker.shutdown().await.unwrap();
    listener.shutdown().await.unwrap();
}

/// All handlers are busy, so the listener requests no messages, and the server has no request that it could reject.
#[tokio::test]
async fn busy_listener_creates_its_deleted_consumer() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (beginning, going) = (begun.clone(), go.clone());
    let listener = NatsListener::builder(&adapter, "slow", Filter::all(), move |_, _| {
        let (begun, go) = (beginning.clone(), going.clone());
        async move {
            begun.notify_one();
            go.notified().await;
            Ok(())
        }
    });
    let listener = listener.concurrency(1).start().await.unwrap();
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    begun.notified().await;
    let jetstream = jetstream::new(client.clone());
    jetstream.delete_consumer_from_stream("slow", &streams.0).await.unwrap();
    until("the consumer exists", async || config(&jetstream, &streams.0, "slow").await.is_some()).await;
    adapter.publish_message(appeared("a", 2), LIVE).await.unwrap();
    go.notify_one();
    begun.notified().await;
    go.notify_one();
    listener.shutdown().await.unwrap();
}

fn lost(finished: Result<(), ConsumerError>) -> Arc<dyn Error + Send + Sync> {
    match finished {
        Err(ConsumerError::Lost(source)) => source,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn consumer_that_must_not_create_ends_with_an_error() {
    for deletion in [Deletion::Consumers, Deletion::Stream] {
        let (client, streams) = fresh().await;
        let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
        let listener = NatsListener::builder(&adapter, "all", Filter::all(), |_, _| async { Ok(()) });
        let listener = listener.recreate(false).start().await.unwrap();
        deletion.happen(&jetstream::new(client), &streams.0, &["all".to_owned()]).await;
        let error = lost(listener.finished().await);
        let error = error.downcast_ref::<NatsError>();
        assert!(matches!(error, Some(NatsError::ConsumerDeleted { consumer, .. }) if consumer == "all"), "{error:?}");
    }
}

#[tokio::test]
async fn consumer_that_finds_another_one_of_its_name_ends_with_an_error() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    let listener = NatsListener::builder(&adapter, "all", Filter::all(), |_, _| async { Ok(()) });
    let listener = listener.start().await.unwrap();
    let jetstream = jetstream::new(client);
    let found = config(&jetstream, &streams.0, "all").await.unwrap();
    // The listener may create its consumer first, so the deletion is repeated.
    until("the listener ends", async || {
        let _ = jetstream.delete_consumer_from_stream("all", &streams.0).await;
        create(&jetstream, &streams.0, consumer::Config { max_deliver: 3, ..found.clone() }).await;
        listener.is_finished()
    })
    .await;
    let error = lost(listener.finished().await);
    assert!(error.source().is_none());
    let error = error.downcast_ref::<NatsError>();
    assert!(matches!(error, Some(NatsError::ConsumerMismatch { field: "max_deliver", .. })), "{error:?}");
}

#[tokio::test]
async fn deleted_stream_of_dead_letters_is_created_again() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let worker = NatsWorker::builder(&adapter, |_, _| async { Err(HandlerError::park("no")) }).start().await.unwrap();
    let dead = format!("{}_DEAD", streams.0);
    let jetstream = jetstream::new(client.clone());
    jetstream.delete_stream(&dead).await.unwrap();
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    until("the dead letter is stored", async || {
        jetstream.get_stream(&dead).await.is_ok() && stored(&client, &dead).await.len() == 1
    })
    .await;
    worker.shutdown().await.unwrap();
}
