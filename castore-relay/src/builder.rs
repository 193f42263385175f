use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use castore_core::channel::{MessageChannel, Ordered, Publisher as PublisherKind};
use castore_core::log::{EventLog, LogFilter};
use castore_core::relay::RelayStorageAdapter;
use castore_runtime::event_store::PublishableOn;

use crate::engine::{ChannelOutbox, PublishableStore, Publisher, RelayOptions, publishable_store};
use crate::run;
use crate::{Relay, RelayAdmin, RelayError, RelayStart, RelayedStorage, StartRelay};

/// A builder for a relay. [`Relay::builder`] creates one.
#[must_use = "nothing is published before `start`"]
pub struct RelayBuilder<C: MessageChannel> {
    channel: C,
    stores: Vec<PublishableStore<C>>,
    options: RelayOptions,
}

impl<C: MessageChannel> RelayBuilder<C> {
    pub(crate) fn new(channel: C) -> Self {
        Self { channel, stores: Vec::new(), options: RelayOptions::new(C::ID) }
    }

    /// Adds an event store whose events the relay publishes on the channel. A relay needs at least one store.
    ///
    /// The call does not compile if the channel does not carry the event store, or if the channel's messages contain no
    /// events. The rules are the same as for [`connect`](castore_runtime::event_store::Store::connect). The events are
    /// read from the log. The aggregates of state-carrying messages are loaded from the store.
    ///
    /// All stores of a relay must be in the storage whose log the relay reads: start one relay for each storage. If you
    /// add a store to an existing relay, the relay publishes only those events of this store that follow the relay's
    /// checkpoint in the log. To publish the earlier events, too, use a replay. A relay with a new name that starts at
    /// the beginning of the log also publishes them, but publishes the events of the other stores again.
    ///
    /// In code that is generic over `&impl Store<S>`, pass `store.event_store()`.
    pub fn publish<T: PublishableOn<C>>(mut self, event_store: &T) -> Self {
        self.stores.push(publishable_store(event_store));
        self
    }

    /// Requires that the messages of each aggregate reach their handlers in order. The call does not compile for a
    /// channel that does not guarantee this order. A relay publishes the messages of an aggregate in order, but a
    /// channel without `order = "per_aggregate"` may deliver the messages in another order.
    pub fn in_order(self) -> Self
    where
        C: Ordered,
    {
        self
    }

    /// Sets the name of the relay, which is the key of its lease, its checkpoint and its parked aggregates. Defaults to
    /// the id of the channel. All processes that run this relay must use the same name, and no other relay may use it.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.options.name = name.into();
        self
    }

    /// Sets the maximum number of events between two checkpoints. After a crash, at most this number of events is
    /// published again. Defaults to 500.
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.options.batch_size = batch_size;
        self
    }

    /// Sets how long the lease lasts without a heartbeat. After a crash, another process takes over when the lease has
    /// expired. Defaults to 30 seconds.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.options.lease = lease;
        self
    }

    crate::relay_option_setters!();

    /// Sets how often the relay checks for new events when no wake-up arrives, and how often it requests the lease
    /// while another process holds the lease. Defaults to 500 milliseconds.
    pub fn poll_interval(mut self, poll_interval: Duration) -> Self {
        self.options.poll_interval = poll_interval;
        self
    }

    /// Sets the maximum number of cached aggregates per store. Only state-carrying channels use the cache. To publish
    /// an event of an aggregate that is not cached, the relay loads the aggregate, unless the event is the aggregate's
    /// first. Defaults to 1,000.
    pub fn cached_aggregates(mut self, cached_aggregates: usize) -> Self {
        self.options.cached_aggregates = cached_aggregates;
        self
    }

    /// Returns a future that starts the relay on a storage that contains both the log and the relay's state. See
    /// [`start_with`](Self::start_with).
    ///
    /// # Errors
    /// The future returns the errors of [`start_with`](Self::start_with).
    pub fn start<T: RelayedStorage>(self, storage: T, start: RelayStart) -> StartRelay {
        let storage = Arc::new(storage);
        self.start_erased(storage.clone(), storage, start)
    }

    /// Returns a future that starts the relay as a task of the current tokio runtime. `start` is the position at which
    /// the relay starts if it has never run. The position is stored before the returned future completes, so that no
    /// event is lost if the process crashes afterward.
    ///
    /// If another process holds the lease, the relay waits for it in the background.
    ///
    /// # Cancellation
    /// If the future is dropped, the relay may already have acquired the lease. In this case, the lease expires.
    ///
    /// # Errors
    /// * [`RelayError::NoEventStore`], [`RelayError::SameEventStoreTwice`] and [`RelayError::InvalidOption`]: the
    ///   builder was used incorrectly.
    /// * [`RelayError::OtherStorage`]: an event store is not in the storage of the log.
    /// * [`RelayError::TwoPublishers`]: a store in this process is connected to the channel directly.
    /// * [`RelayError::OtherLog`], [`RelayError::LogTakenBack`], [`RelayError::LogReplaced`] and
    ///   [`RelayError::StartBeyondEnd`]: the stored or the requested position does not belong to the log.
    /// * [`RelayError::Storage`]: the storage failed.
    pub fn start_with<L: EventLog, A: RelayStorageAdapter>(self, log: L, state: A, start: RelayStart) -> StartRelay {
        self.start_erased(Arc::new(log), Arc::new(state), start)
    }

    fn start_erased(
        self,
        log: Arc<dyn EventLog>,
        state: Arc<dyn RelayStorageAdapter>,
        start: RelayStart,
    ) -> StartRelay {
        StartRelay(Box::pin(self.started(log, state, start)))
    }

    async fn started(
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
        options.validate().map_err(|invalid| RelayError::InvalidOption { relay: relay(), invalid })?;
        if let Some(of_log) = log.event_storage_id() {
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
        let name: Arc<str> = Arc::from(options.name.as_str());
        let (relay_log, relay_state) = (log.clone(), state.clone());
        let started = run::start(options, relay_log, relay_state, filter, publisher, registration, start).await?;
        let run::StartedRelay { status, parked_changes, task, log_id } = started;
        Ok(Relay { admin: RelayAdmin::erased(name, state), log, log_id, status, parked_changes, task })
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
