use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use castore_relay::engine::{ChannelOutbox, PublishableStore, Publisher};
use castore_runtime::MessageChannel;
use tokio::sync::{Notify, watch};

use super::options::Options;
use super::runner::{Runner, StatusSender, first_place};
use super::state::RelayState;
use super::{DynamoDbRelay, DynamoDbRelayStart, DynamoDbRelayStatus, OnGap};
use crate::stores::register;
use crate::{DynamoDbEventStorageAdapter, DynamoDbRelayError, DynamoDbStreamLog, PublishableOn};

/// The number of aggregates of each store that are cached, for the messages of state-carrying channels.
const CACHED_AGGREGATES: usize = 1_000;

/// The builder of a relay. [`DynamoDbRelay::builder`] creates one.
#[must_use = "nothing is published before `start`"]
pub struct DynamoDbRelayBuilder<C: MessageChannel> {
    channel: C,
    stores: Vec<PublishableStore<C>>,
    options: Options,
}

impl<C: MessageChannel> DynamoDbRelayBuilder<C> {
    pub(super) fn new(channel: C) -> Self {
        Self { channel, stores: Vec::new(), options: Options::new(C::ID) }
    }

    /// Publishes the events of this store on the channel. At least one store is needed, and all are in the table that
    /// the relay is started on. Of a store that is added to a relay that has run, what was stored before is not
    /// published: give the relay another name, and start that one where it should begin.
    ///
    /// Does not compile if the channel does not carry messages of the store, or messages without events: as
    /// [`connect`](castore_runtime::Store::connect).
    pub fn publish<T: PublishableOn<C>>(mut self, event_store: &T) -> Self {
        self.stores.push(event_store.__publishable());
        self
    }

    /// The name of the relay: what its lease, its cursors and its parked aggregates are kept under. The id of the
    /// channel by default. All processes that run this relay give it the same name, and no other relay has it.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.options.name = name.into();
        self
    }

    /// Who this process is, for people who ask who holds the lease. The id of the process by default.
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.options.owner = owner.into();
        self
    }

    /// How many records of each shard are read and published between two checkpoints, at most: after a crash so many
    /// may be published again. 500 by default; the stream gives 1 000 at most.
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.options.batch_size = batch_size;
        self
    }

    /// How long the lease lasts without a heartbeat: after a crash another process takes over when it has seen none for
    /// that time. 30 seconds by default.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.options.lease = lease;
        self
    }

    /// Limits the time of each call of the channel's adapter, and of each load of an aggregate. Must be shorter than the
    /// lease. Defaults to 10 seconds. After a call that took longer, the next calls have fewer messages: the timeout must
    /// be long enough for one message.
    pub fn publish_timeout(mut self, publish_timeout: Duration) -> Self {
        self.options.publish_timeout = publish_timeout;
        self
    }

    /// How often to look for new records, and for the lease while another holds it. 500 milliseconds by default; more
    /// than four times a second DynamoDB throttles.
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

    /// What to do if events were missed, because the relay was down for more than 24 hours or the table's stream was
    /// made anew. [`OnGap::Stop`] by default.
    pub fn on_gap(mut self, on_gap: OnGap) -> Self {
        self.options.on_gap = on_gap;
        self
    }

    /// Starts the relay, as a task of the tokio runtime that this is called on. It reads the stream of the storage's
    /// table with `streams`, and keeps its state in the table `relay_table` of the same account, which
    /// [`DynamoDbRelay::create_relay_table`] makes.
    ///
    /// `start` is where it begins if it has never run; that is kept before this returns, so that nothing is lost if the
    /// process then dies. If another process holds the lease, the relay waits for it in the background.
    ///
    /// If the storage has a [rewrites table](crate::Builder::rewrites_table), the relay counts there what others
    /// replaced.
    ///
    /// # Errors
    /// * [`DynamoDbRelayError::NoEventStore`], [`DynamoDbRelayError::SameEventStoreTwice`] and
    ///   [`DynamoDbRelayError::InvalidOptions`]: it cannot be what was built.
    /// * [`DynamoDbRelayError::TwoPublishers`]: in this process a store is connected to the channel directly.
    /// * [`DynamoDbRelayError::Stream`]: the table has no stream, or one that shows no new images.
    /// * [`DynamoDbRelayError::Storage`]: the relay's table does not answer.
    pub async fn start(
        self,
        storage: &DynamoDbEventStorageAdapter,
        streams: aws_sdk_dynamodbstreams::Client,
        relay_table: impl Into<String>,
        start: DynamoDbRelayStart,
    ) -> Result<DynamoDbRelay, DynamoDbRelayError> {
        let Self { channel, stores, options } = self;
        options.validate()?;
        let (ids, registration) = register(&channel, &stores)?;
        let state = RelayState {
            requests: storage.requests().clone(),
            table_name: relay_table.into().into(),
            relay: options.name.as_str().into(),
        };
        let failed = |source| DynamoDbRelayError::Storage { relay: options.name.clone(), source };
        let unread = |error| DynamoDbRelayError::Stream { relay: options.name.clone(), source: Box::new(error) };
        let log = DynamoDbStreamLog::of_table(storage, streams.clone()).await.map_err(unread)?;
        if state.head().await.map_err(failed)?.is_none() {
            let place = first_place(&log, start).await.map_err(unread)?;
            state.create(&place).await.map_err(failed)?;
        }
        let (shutdown, is_shut_down) = watch::channel(false);
        let status = watch::Sender::new(DynamoDbRelayStatus::new());
        let relay_status = status.subscribe();
        let look_at_parked = Arc::new(Notify::new());
        let outbox = ChannelOutbox::new(channel, options.publish_timeout, stores, CACHED_AGGREGATES);
        let publisher = Publisher::new(&*options.name, outbox, options.publish_timeout, usize::MAX);
        let runner = Runner {
            options,
            storage: storage.clone(),
            streams,
            state: state.clone(),
            event_store_ids: ids.into_iter().map(Arc::from).collect(),
            shutdown: is_shut_down,
            look_at_parked: look_at_parked.clone(),
            wake_ups: registration.wake_ups(),
            status: StatusSender(status),
            _registration: registration,
        };
        let task = tokio::spawn(runner.run(publisher));
        Ok(DynamoDbRelay::new(state, relay_status, shutdown, look_at_parked, task))
    }
}

impl<C: MessageChannel> fmt::Debug for DynamoDbRelayBuilder<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stores: Vec<_> = self.stores.iter().map(|store| store.event_store_id).collect();
        formatter
            .debug_struct("DynamoDbRelayBuilder")
            .field("channel", &C::ID)
            .field("event_stores", &stores)
            .field("options", &self.options)
            .finish()
    }
}
