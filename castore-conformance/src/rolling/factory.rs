use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore_core::channel::{MessageChannel, Queue, Unordered};
use castore_core::consumer::{FailureAction, Listeners, RetryPolicy};
use castore_core::future::BoxFuture;
use castore_core::log::EventLog;
use castore_core::relay::RelayStorageAdapter;
use castore_core::snapshot::SnapshotAdapter;
use castore_core::storage::EventStorageAdapter;
use castore_runtime::in_memory::{InMemoryEventStorageAdapter, InlineMessageQueueAdapter};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A storage with all parts that the program of the kit uses. The trait is implemented automatically.
pub trait RollingStorage: EventStorageAdapter + EventLog + RelayStorageAdapter + SnapshotAdapter {}

impl<S: EventStorageAdapter + EventLog + RelayStorageAdapter + SnapshotAdapter> RollingStorage for S {}

/// A queue, as one version of the program declares it. The trait is implemented automatically.
pub trait RollingQueue:
    MessageChannel<Message: Serialize + DeserializeOwned, Topology = Queue, Order = Unordered>
{
}

impl<C: MessageChannel<Message: Serialize + DeserializeOwned, Topology = Queue, Order = Unordered>> RollingQueue for C {}

/// A broker that all pods of a deployment share.
#[async_trait]
pub trait RollingBroker: Send + Sync + 'static {
    /// Attaches `channel`, the queue as one version of the program declares it, and starts a worker. All versions must
    /// share one queue of the broker. The queue must retry messages so often that no message becomes a dead letter
    /// during the deployment, for example with the retry policy [`patient`].
    async fn work<C: RollingQueue>(&self, channel: &C, listeners: Listeners<C>) -> Box<dyn RollingWorker>;
}

/// A running worker of a pod.
#[async_trait]
pub trait RollingWorker: Send + Sync {
    /// Shuts down the worker, as a pod does when it is replaced.
    async fn shutdown(&self);
}

/// Returns a retry policy with enough attempts that no message becomes a dead letter during a deployment of the kit.
pub fn patient() -> RetryPolicy {
    RetryPolicy::new(10_000, Duration::from_millis(50), 1.0).expect("a retry policy")
}

/// A broker without a queue, for tests of storages: the relay of each pod calls the worker of the same pod. By default,
/// the relay parks an aggregate if the program cannot decode one of its events, and the relay of a newer version
/// retries the aggregate.
#[derive(Debug, Default)]
pub struct InProcessBroker {
    undecodable_action: FailureAction,
}

impl InProcessBroker {
    /// Sets the reaction of the worker to messages that its version cannot decode. This method is for tests of the kit.
    #[must_use]
    pub fn undecodable_action(self, undecodable_action: FailureAction) -> Self {
        Self { undecodable_action }
    }
}

#[async_trait]
impl RollingBroker for InProcessBroker {
    async fn work<C: RollingQueue>(&self, channel: &C, listeners: Listeners<C>) -> Box<dyn RollingWorker> {
        let queue = InlineMessageQueueAdapter::listening(listeners);
        channel.set_adapter(queue.with_undecodable_action(self.undecodable_action));
        Box::new(InProcessWorker)
    }
}

struct InProcessWorker;

#[async_trait]
impl RollingWorker for InProcessWorker {
    /// Does nothing, because the worker ends with the relay that calls it.
    async fn shutdown(&self) {}
}

type Open = Arc<dyn Fn() -> BoxFuture<'static, Arc<dyn RollingStorage>> + Send + Sync>;

/// The storage and the broker that the pods of a deployment share.
pub struct World<B> {
    open: Open,
    snapshots: Option<Arc<dyn SnapshotAdapter>>,
    pub(super) broker: Arc<B>,
    pub(super) patience: Duration,
    kept: Vec<Arc<dyn Any + Send + Sync>>,
}

impl<B: RollingBroker> World<B> {
    /// Creates a world with a new in-memory storage.
    pub fn in_memory(broker: B) -> Self {
        let storage = InMemoryEventStorageAdapter::new();
        Self::new(broker, move || {
            let storage = storage.clone();
            async move { storage }
        })
    }

    /// Creates a world in which each pod calls `open` to open the storage, as a separate process would. The storage
    /// must be new and empty.
    pub fn new<S: RollingStorage, Fut>(broker: B, open: impl Fn() -> Fut + Send + Sync + 'static) -> Self
    where
        Fut: Future<Output = S> + Send + 'static,
    {
        let open: Open = Arc::new(move || {
            let opening = open();
            Box::pin(async move { Arc::new(opening.await) as Arc<dyn RollingStorage> })
        });
        let (snapshots, kept) = (None, Vec::new());
        Self { open, snapshots, broker: Arc::new(broker), patience: Duration::from_secs(60), kept }
    }

    /// Sets a separate storage for the snapshots. Defaults to the event storage.
    #[must_use]
    pub fn snapshots(self, snapshots: impl SnapshotAdapter) -> Self {
        Self { snapshots: Some(Arc::new(snapshots)), ..self }
    }

    /// Keeps a value, for example a temporary folder, until the test ends.
    #[must_use]
    pub fn keeping(mut self, value: impl Any + Send + Sync) -> Self {
        self.kept.push(Arc::new(value));
        self
    }

    /// Sets the maximum time for the delivery of a message. Defaults to 60 s.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }
}

impl<B> World<B> {
    pub(super) async fn open(&self) -> (Arc<dyn RollingStorage>, Arc<dyn SnapshotAdapter>) {
        let storage = (self.open)().await;
        let snapshots = self.snapshots.clone().unwrap_or_else(|| storage.clone());
        (storage, snapshots)
    }
}

impl<B> Clone for World<B> {
    fn clone(&self) -> Self {
        Self {
            open: self.open.clone(),
            snapshots: self.snapshots.clone(),
            broker: self.broker.clone(),
            patience: self.patience,
            kept: self.kept.clone(),
        }
    }
}

impl<B> fmt::Debug for World<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("World").finish_non_exhaustive()
    }
}

/// A factory of [`World`]s. The author of a storage adapter or a queue adapter implements this trait.
#[async_trait]
pub trait RollingFactory: Send + Sync {
    /// The type of the broker.
    type Broker: RollingBroker;

    /// Creates a world with a new, empty storage and a new, empty queue.
    async fn fresh(&self) -> World<Self::Broker>;
}
