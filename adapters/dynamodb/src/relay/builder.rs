use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use castore_core::channel::MessageChannel;
use castore_core::task::{BackgroundTask, Signal};
use castore_relay::engine::{
    ChannelOutbox, ParkedChanges, PublishableStore, Publisher, RelayOptions, StatusSender, publishable_store,
};

use super::runner::{Runner, first_place};
use super::state::RelayState;
use super::{DynamoDbRelay, DynamoDbRelayStart, OnGap};
use crate::stores::register;
use crate::{DynamoDbEventStorageAdapter, DynamoDbRelayError, DynamoDbStreamLog, PublishableOn};

/// The maximum length of a relay's name in bytes. The name is a partition key, whose length DynamoDB limits.
const MAX_NAME: usize = 2_048;

/// A builder for a [`DynamoDbRelay`]. [`DynamoDbRelay::builder`] returns one.
#[must_use = "nothing is published before `start`"]
pub struct DynamoDbRelayBuilder<C: MessageChannel> {
    channel: C,
    stores: Vec<PublishableStore<C>>,
    options: RelayOptions,
    on_gap: OnGap,
}

impl<C: MessageChannel> DynamoDbRelayBuilder<C> {
    pub(super) fn new(channel: C) -> Self {
        Self { channel, stores: Vec::new(), options: RelayOptions::new(C::ID), on_gap: OnGap::Stop }
    }

    /// Adds an event store, whose events the relay publishes on the channel. At least one store is needed, and all
    /// stores must be in the table with which the relay is started. If a store is added to a relay that has run before,
    /// the store's earlier events are not published. To publish them, give the relay another name and start it at
    /// [`DynamoDbRelayStart::Beginning`].
    ///
    /// The call does not compile if the channel does not carry the event store, or if the channel's messages have no
    /// events. The rules are the same as for [`connect`](castore_runtime::event_store::Store::connect).
    pub fn publish<T: PublishableOn<C>>(mut self, event_store: &T) -> Self {
        self.stores.push(publishable_store(event_store));
        self
    }

    /// Sets the name of the relay, which is the key of its lease, its cursors and its parked aggregates. Defaults to
    /// the id of the channel. All processes that run this relay must use the same name, and no other relay may use this
    /// name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.options.name = name.into();
        self
    }

    /// Sets the maximum number of records of each shard between two checkpoints. After a crash, at most this number of
    /// records of each shard is published again. Defaults to 500. The stream returns at most 1,000 records of a shard
    /// at a time.
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.options.batch_size = batch_size;
        self
    }

    /// Sets how long the lease lasts without a heartbeat, a write that extends the lease. After a crash, another
    /// process takes over when it has seen no heartbeat for this duration. Defaults to 30 seconds.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.options.lease = lease;
        self
    }

    castore_relay::relay_option_setters!();

    /// Sets the interval at which the relay checks for new records, or, while another process holds the lease, for the
    /// end of that lease. Defaults to 500 milliseconds. DynamoDB throttles more than four reads per second of a shard.
    pub fn poll_interval(mut self, poll_interval: Duration) -> Self {
        self.options.poll_interval = poll_interval;
        self
    }

    /// Sets what the relay does if events are missing from the stream, because the relay was down for more than 24
    /// hours or because the table has a new stream. Defaults to [`OnGap::Stop`].
    pub fn on_gap(mut self, on_gap: OnGap) -> Self {
        self.on_gap = on_gap;
        self
    }

    /// Starts the relay as a task of the current tokio runtime. The relay reads the stream of the storage's table with
    /// `streams`. The relay stores its state in the table `relay_table` of the same account, which
    /// [`DynamoDbRelay::create_relay_table`] creates.
    ///
    /// `start` is the position at which the relay starts if it has never run. The position is stored before this method
    /// returns, so that no event is lost if the process crashes afterwards. If another process holds the lease, the
    /// relay waits for the lease in the background.
    ///
    /// If the storage has a [rewrites table](crate::DynamoDbEventStorageAdapterBuilder::rewrites_table), the relay also
    /// counts rewrites: for each stored event that was replaced or removed, it increases a counter in that table.
    ///
    /// # Errors
    /// * [`DynamoDbRelayError::NoEventStore`], [`DynamoDbRelayError::SameEventStoreTwice`] and
    ///   [`DynamoDbRelayError::InvalidOption`]: the builder was used incorrectly.
    /// * [`DynamoDbRelayError::TwoPublishers`]: a store in this process is connected to the channel directly.
    /// * [`DynamoDbRelayError::Stream`]: the table has no stream, the stream has no new images, or the stream cannot be
    ///   read.
    /// * [`DynamoDbRelayError::Storage`]: the table of the relay's state does not exist, or cannot be read or written.
    pub async fn start(
        self,
        storage: &DynamoDbEventStorageAdapter,
        streams: aws_sdk_dynamodbstreams::Client,
        relay_table: impl Into<String>,
        start: DynamoDbRelayStart,
    ) -> Result<DynamoDbRelay, DynamoDbRelayError> {
        let Self { channel, stores, options, on_gap } = self;
        let invalid = |invalid| DynamoDbRelayError::InvalidOption { relay: options.name.clone(), invalid };
        options.validate().map_err(invalid)?;
        if options.name.len() > MAX_NAME {
            return Err(invalid(castore_core::error::InvalidOptionError::new(
                "name",
                format!("must have at most {MAX_NAME} bytes"),
            )));
        }
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
        let status = StatusSender::new(&options.name);
        let relay_status = status.subscribe();
        let (shutdown, parked_changes) = (Signal::default(), Arc::new(ParkedChanges::default()));
        let outbox = ChannelOutbox::new(channel, options.publish_timeout, stores, options.cached_aggregates);
        let publisher = Publisher::new(&*options.name, outbox, options.publish_timeout, usize::MAX);
        let runner = Runner {
            options,
            on_gap,
            storage: storage.clone(),
            streams,
            state: state.clone(),
            event_store_ids: ids.into_iter().map(Arc::from).collect(),
            shutdown: shutdown.clone(),
            parked_changes: parked_changes.clone(),
            wake_ups: registration.wake_ups(),
            status,
            _registration: registration,
        };
        let task = BackgroundTask::spawn(shutdown, async { runner.run(publisher).await.map_err(Arc::new) });
        Ok(DynamoDbRelay::new(state, relay_status, parked_changes, task))
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
            .field("on_gap", &self.on_gap)
            .finish()
    }
}
