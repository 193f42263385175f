//! The macro that declares a version of the program, and the parts that the pods of all versions share.

use std::sync::Arc;
use std::time::Duration;

use castore_core::event_sourced::EventSourced;
use castore_relay::Relay;
use castore_runtime::event_store::EventStore;

use super::factory::{RollingStorage, RollingWorker};

/// The relay, the worker and the storage of a running pod.
pub(super) struct Running {
    pub(super) relay: Relay,
    pub(super) worker: Box<dyn RollingWorker>,
    /// The storage of the pod. It is closed when its last handle is dropped, as at the end of a process.
    pub(super) _storage: Arc<dyn RollingStorage>,
}

impl Running {
    pub(super) async fn shutdown(self) {
        self.relay.shutdown().await.expect("the relay ends");
        self.worker.shutdown().await;
    }
}

/// Returns an event store in a storage whose type is erased.
pub(super) fn event_store<S: EventSourced>(storage: Arc<dyn RollingStorage>) -> EventStore<S> {
    let store = EventStore::without_adapter();
    store.set_event_storage_adapter(Some(storage));
    store
}

/// The number of events that a pod pushes for each of its aggregates.
pub(super) const EVENTS: u64 = 3;

/// The duration of a relay's lease. It is so long that a relay on a machine under load can keep the lease. The duration
/// does not delay the deployment, because a relay that is shut down releases its lease.
pub(super) const LEASE: Duration = Duration::from_secs(20);
pub(super) const PUBLISH_TIMEOUT: Duration = Duration::from_secs(15);
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Declares a version of the program as a module, with the items, the filter of its worker, and the event that a pod
/// pushes as version 1, 2 or 3 of its aggregates. The items declare the store and its events, with the id `POKEMONS`.
macro_rules! version {
    (
        mod $version:ident, $store:ident, $filter:expr, |$number:ident| $event:expr;
        $($items:tt)*
    ) => {
        mod $version {
            #![allow(dead_code, unreachable_pub, reason = "declarations as users write them, which are only stored and read")]
            use super::*;

            $($items)*

            castore::message_channel! {
                pub type AppQueue = castore_core::channel::NotificationMessageQueue<$store>;
            }

            pub struct Pod {
                name: String,
                store: castore_runtime::event_store::RelayedEventStore<$store, AppQueue>,
                running: tokio::sync::Mutex<Option<Running>>,
            }

            impl Pod {
                pub async fn start<B: RollingBroker>(world: World<B>, journal: PodJournal) -> Self {
                    let (storage, snapshots) = world.open().await;
                    let (queue, name) = (AppQueue::new(), journal.pod().to_owned());
                    let listeners = Listeners::new().on($filter, move |message, _| {
                        journal.handled(&*message);
                        async { Ok(()) }
                    });
                    let worker = world.broker.work(&queue, listeners).await;
                    let store = event_store::<$store>(storage.clone())
                        .with_snapshots(Snapshots::new(snapshots).every(1))
                        .connect_via_relay(queue.clone());
                    let relay = Relay::builder(queue).publish(&store);
                    let relay = relay.owner(name.clone()).lease(LEASE).publish_timeout(PUBLISH_TIMEOUT);
                    let relay = relay.poll_interval(POLL_INTERVAL).parked_backoff(POLL_INTERVAL, 4 * POLL_INTERVAL);
                    let relay = relay.start(storage.clone(), RelayStart::Beginning).await.expect("a relay");
                    let running = Running { relay, worker, _storage: storage };
                    Self { name, store, running: tokio::sync::Mutex::new(Some(running)) }
                }

                pub async fn load(&self, aggregate_id: &str) -> castore_core::aggregate::Aggregate<$store> {
                    let load = self.store.get_existing_aggregate(aggregate_id).without_events();
                    load.await.expect("an aggregate")
                }
            }

            /// Checks that this version can read the events that all pods have pushed: as aggregates, with and without
            /// snapshots, and in a projection that is built from the log.
            pub async fn verify<B: RollingBroker>(world: &World<B>, journal: &Journal) {
                let (storage, snapshots) = world.open().await;
                let store = event_store::<$store>(storage.clone());
                let with_snapshots = event_store::<$store>(storage.clone()).with_snapshots(Snapshots::new(snapshots).every(1));
                for (aggregate_id, version) in last_versions(journal) {
                    let loaded = store.get_existing_aggregate(&*aggregate_id).await.expect("an aggregate");
                    assert_eq!(loaded.aggregate.version, version, "{aggregate_id}");
                    let load = || with_snapshots.get_existing_aggregate(&*aggregate_id).since_snapshot();
                    let first = load().await.expect("an aggregate");
                    assert_eq!(first.aggregate, loaded.aggregate, "{aggregate_id}, with a snapshot");
                    let second = load().await.expect("an aggregate");
                    assert_eq!(second.aggregate, loaded.aggregate, "{aggregate_id}, with a snapshot");
                    assert_eq!(second.snapshot_version, Some(version), "{aggregate_id}");
                }
                let pushed = journal.pushed().len() as u64;
                assert_eq!(count_events::<$store>(storage, world.patience).await, pushed, "the projection");
            }

            #[castore_testing::rolling::async_trait]
            impl castore_testing::rolling::Pod for Pod {
                async fn push(&self, number: u64) -> JournaledEvent {
                    let (aggregate, $number) = (number / EVENTS, number % EVENTS + 1);
                    let aggregate_id = format!("{}-{aggregate}", self.name);
                    if $number > 1 {
                        assert_eq!(self.load(&aggregate_id).await.version, $number - 1);
                    }
                    let event = NewEvent::new(aggregate_id, $number, $event);
                    JournaledEvent::of(&self.store.push_event(event).await.expect("a push").event)
                }

                async fn stop(&self) {
                    if let Some(running) = self.running.lock().await.take() {
                        running.shutdown().await;
                    }
                }
            }
        }
    };
}

pub(super) use version;
