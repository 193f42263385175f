use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use castore_runtime::MessageChannel;
use castore_runtime::channel::{PromisesOrder, Publisher as PublisherKind};
use castore_runtime::log::{EventLog, LogFilter};
use castore_runtime::relay::RelayStorageAdapter;

use crate::engine::{ChannelOutbox, PublishableOn, PublishableStore, Publisher};
use crate::options::Options;
use crate::run::Runner;
use crate::{Relay, RelayError, RelayStart};

/// What a relay is to do. [`Relay::builder`] makes one.
#[must_use = "nothing is published before `start`"]
pub struct RelayBuilder<C: MessageChannel> {
    channel: C,
    stores: Vec<PublishableStore<C>>,
    options: Options,
}

impl<C: MessageChannel> RelayBuilder<C> {
    pub(crate) fn new(channel: C) -> Self {
        Self { channel, stores: Vec::new(), options: Options::new(C::ID) }
    }

    /// Publishes the events of this store on the channel. At least one store is needed.
    ///
    /// Does not compile if the channel does not carry messages of the store, or messages without events: as
    /// [`connect`](castore_runtime::Store::connect). From the store itself the relay reads the aggregates that
    /// state-carrying messages carry; all else comes from the log.
    ///
    /// All stores of a relay are kept in the storage whose log it reads: a relay for each storage. A store that is added
    /// to a relay that has run is published from the relay's checkpoint on: pour its history with a replay, or give the
    /// relay a new name.
    ///
    /// Code that takes any `&impl Store<S>` passes `store.event_store()`.
    pub fn publish<T: PublishableOn<C>>(mut self, event_store: &T) -> Self {
        self.stores.push(event_store.__publishable());
        self
    }

    /// Says that the messages of each aggregate must reach their handlers in order. Does not compile for a channel that
    /// does not promise it: first deliveries of a relay are in order, but a channel without
    /// `order = "per_aggregate"` may mix them up behind it.
    pub fn in_order(self) -> Self
    where
        C: PromisesOrder,
    {
        self
    }

    /// The name of the relay: what its lease, its checkpoint and its parked aggregates are kept under. The id of the
    /// channel by default. All processes that run this relay give it the same name, and no other relay has it.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.options.name = name.into();
        self
    }

    /// Who this process is, for people who ask who holds the lease. The id of the process by default. A name of your
    /// own should be another at each start, or a process that has died looks like the one that took its place.
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.options.owner = owner.into();
        self
    }

    /// How many events are published between two checkpoints, at most: after a crash so many may be published again.
    /// 500 by default.
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.options.batch_size = batch_size;
        self
    }

    /// How long the lease lasts without a heartbeat: after a crash another process takes over after that time. 30
    /// seconds by default.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.options.lease = lease;
        self
    }

    /// How long one call of the channel's adapter, and one load of an aggregate, may take. Shorter than the lease. 10
    /// seconds by default. After a call that took longer the next ones have fewer messages: one message must fit in.
    pub fn publish_timeout(mut self, publish_timeout: Duration) -> Self {
        self.options.publish_timeout = publish_timeout;
        self
    }

    /// How often to look for new events where nothing wakes the relay up, and for the lease while another holds it. 500
    /// milliseconds by default.
    pub fn poll_interval(mut self, poll_interval: Duration) -> Self {
        self.options.poll_interval = poll_interval;
        self
    }

    /// How long to wait before publishing again during an outage: `base` at first, longer each time up to `max`. 100
    /// milliseconds and 10 seconds by default. Each wait is shortened by up to half, at random.
    pub fn outage_backoff(mut self, base: Duration, max: Duration) -> Self {
        self.options.outage_backoff = (base, max);
        self
    }

    /// How long to wait before a parked aggregate is tried again: `base` at first, longer each time up to `max`. 1
    /// second and 5 minutes by default. Each wait is shortened by up to half, at random.
    pub fn parked_backoff(mut self, base: Duration, max: Duration) -> Self {
        self.options.parked_backoff = (base, max);
        self
    }

    /// How many aggregates of each store to keep in memory, for the messages of state-carrying channels: an aggregate
    /// that is not there is read for its next event. 1 000 by default.
    pub fn cached_aggregates(mut self, cached_aggregates: usize) -> Self {
        self.options.cached_aggregates = cached_aggregates;
        self
    }

    /// Starts the relay, on a storage that keeps the log and the relay's state. See
    /// [`start_with`](Self::start_with).
    ///
    /// # Errors
    /// As [`start_with`](Self::start_with).
    pub async fn start<T: EventLog + RelayStorageAdapter>(
        self,
        storage: T,
        start: RelayStart,
    ) -> Result<Relay, RelayError> {
        let storage = Arc::new(storage);
        self.start_erased(storage.clone(), storage, start).await
    }

    /// Starts the relay, as a task of the tokio runtime that this is called on. `start` is where it begins if it has
    /// never run; that is kept before this returns, so that nothing is lost if the process then dies.
    ///
    /// If another process holds the lease, the relay waits for it in the background.
    ///
    /// Cancellation: a start that is dropped may have taken the lease, which then runs out.
    ///
    /// # Errors
    /// * [`RelayError::NoEventStore`], [`RelayError::SameEventStoreTwice`] and [`RelayError::InvalidOptions`]: it cannot
    ///   be what was built.
    /// * [`RelayError::OtherStorage`]: an event store is kept in another storage than that of the log.
    /// * [`RelayError::TwoPublishers`]: in this process a store is connected to the channel directly.
    /// * [`RelayError::OtherLog`] and [`RelayError::LogTakenBack`]: the checkpoint does not fit the log.
    /// * [`RelayError::Storage`]: the storage does not answer.
    pub async fn start_with<L: EventLog, A: RelayStorageAdapter>(
        self,
        log: L,
        state: A,
        start: RelayStart,
    ) -> Result<Relay, RelayError> {
        self.start_erased(Arc::new(log), Arc::new(state), start).await
    }

    async fn start_erased(
        self,
        log: Arc<dyn EventLog>,
        state: Arc<dyn RelayStorageAdapter>,
        start: RelayStart,
    ) -> Result<Relay, RelayError> {
        let Self { channel, stores, options } = self;
        let relay = || options.name.clone();
        if stores.is_empty() {
            return Err(RelayError::NoEventStore { relay: relay() });
        }
        let ids: Vec<&'static str> = stores.iter().map(|store| store.event_store_id).collect();
        if let Some((_, twice)) = ids.iter().enumerate().find(|(at, id)| ids[..*at].contains(id)) {
            return Err(RelayError::SameEventStoreTwice { relay: relay(), event_store_id: twice });
        }
        options.validate()?;
        if let Some(of_log) = log.of_storage() {
            let is_elsewhere =
                |store: &&PublishableStore<C>| (store.storage)().is_some_and(|storage| storage != of_log);
            if let Some(store) = stores.iter().find(is_elsewhere) {
                return Err(RelayError::OtherStorage { relay: relay(), event_store_id: store.event_store_id });
            }
        }
        let filter = ids.iter().fold(LogFilter::none(), |filter, id| filter.event_store_id(*id));
        let registration = channel.__core().register(ids, PublisherKind::Relay);
        registration.check(C::ID)?;
        let outbox = ChannelOutbox::new(channel, options.publish_timeout, stores, options.cached_aggregates);
        let publisher = Publisher::new(&*options.name, outbox, options.publish_timeout, options.batch_size);
        Runner::start(options, log, state, filter, publisher, registration, start).await
    }
}

impl<C: MessageChannel> fmt::Debug for RelayBuilder<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stores: Vec<_> = self.stores.iter().map(|store| store.event_store_id).collect();
        formatter
            .debug_struct("RelayBuilder")
            .field("channel", &C::ID)
            .field("event_stores", &stores)
            .field("options", &self.options)
            .finish()
    }
}
