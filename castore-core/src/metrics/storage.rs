use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::instruments::{CONFLICTS, EVENT_STORE_ID, PUSH_DURATION, PUSHED_EVENTS, READ_DURATION};
use super::stopwatch::Stopwatch;
use super::{Instrument, Meter};
use crate::storage::{
    DelegatingStorageAdapter, EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, PushOptions,
    PushReceipt, RawEvent, StorageError,
};

/// A wrapper of an event storage adapter that measures, for each event store: the number of stored events, the number
/// of conflicts, and the durations of pushes and reads.
///
/// Pass the wrapper to the event stores, and the storage itself to relays and projections. The duration of a read
/// includes the reducer, which runs while the events are read. A group that spans event stores is counted for each of
/// them. Pushes and reads in a transaction of the caller are not measured, because they bypass the adapter.
///
/// ```
/// # use std::sync::Arc;
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// use castore::metrics::{MeteredEventStorageAdapter, Meter};
///
/// # fn example(meter: Arc<dyn Meter>) {
/// let storage = InMemoryEventStorageAdapter::new();
/// let pokemons = EventStore::<Pokemon>::new(MeteredEventStorageAdapter::new(storage, meter));
/// # }
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct MeteredEventStorageAdapter<A> {
    inner: A,
    meter: Arc<dyn Meter>,
}

impl<A: EventStorageAdapter> MeteredEventStorageAdapter<A> {
    /// Wraps an adapter.
    pub fn new(inner: A, meter: Arc<dyn Meter>) -> Self {
        Self { inner, meter }
    }

    fn start<'a>(&'a self, instrument: &'static Instrument, event_store_id: &'a str) -> Stopwatch<'a> {
        Stopwatch::start(&self.meter, instrument, vec![(EVENT_STORE_ID, event_store_id)])
    }

    /// Counts the events of a push, or its conflict.
    fn count<'a, T>(&self, stored: &Result<T, StorageError>, events: impl Iterator<Item = (&'a str, u64)>) {
        match stored {
            Ok(_) => {
                for (event_store_id, stored) in events {
                    self.meter.count(&PUSHED_EVENTS, stored, &[(EVENT_STORE_ID, event_store_id)]);
                }
            }
            Err(StorageError::EventAlreadyExists(conflict)) => {
                self.meter.count(&CONFLICTS, 1, &[(EVENT_STORE_ID, &conflict.event_store_id)]);
            }
            Err(_) => {}
        }
    }
}

#[async_trait]
impl<A: EventStorageAdapter> DelegatingStorageAdapter for MeteredEventStorageAdapter<A> {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.inner
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        let stopwatch = self.start(&READ_DURATION, event_store_id);
        let read = self.inner.get_events(event_store_id, aggregate_id, options).await;
        stopwatch.stop(class_of(&read));
        read
    }

    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        let stopwatch = self.start(&READ_DURATION, event_store_id);
        let read = self.inner.visit_events(event_store_id, aggregate_id, options, visit).await;
        stopwatch.stop(class_of(&read));
        read
    }

    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        let stopwatch = self.start(&PUSH_DURATION, event_store_id);
        let stored = self.inner.push_event(event_store_id, event, options).await;
        stopwatch.stop(class_of(&stored));
        self.count(&stored, [(event_store_id, 1)].into_iter());
        stored
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        let mut events: BTreeMap<&'static str, u64> = BTreeMap::new();
        for event in &group {
            *events.entry(event.event_store_id).or_default() += 1;
        }
        let stopwatches: Vec<_> = events.keys().map(|event_store| self.start(&PUSH_DURATION, event_store)).collect();
        let stored = self.inner.push_event_group(group, options).await;
        for stopwatch in stopwatches {
            stopwatch.stop(class_of(&stored));
        }
        self.count(&stored, events.into_iter());
        stored
    }
}

/// Returns the value of the attribute `error.type` for the result of a call, or `None` after a success.
fn class_of<T>(result: &Result<T, StorageError>) -> Option<&'static str> {
    Some(match result.as_ref().err()? {
        StorageError::EventAlreadyExists(_) => "conflict",
        StorageError::VersionGap(_) => "version_gap",
        StorageError::InvalidPageToken => "invalid_page_token",
        StorageError::GroupSpansStorages { .. }
        | StorageError::OtherStorage { .. }
        | StorageError::ReadInOtherStorage { .. }
        | StorageError::TransactionSpansStorages { .. } => "other_storage",
        StorageError::TransactionLost(_) => "transaction_lost",
        StorageError::Unsupported { .. } => "unsupported",
        StorageError::Corrupt { .. } => "corrupt",
        StorageError::Engine(_) => "engine",
        StorageError::UnknownOutcome(_) => "unknown_outcome",
        StorageError::ShutDown => "shut_down",
    })
}

impl<A: fmt::Debug> fmt::Debug for MeteredEventStorageAdapter<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MeteredEventStorageAdapter").field("inner", &self.inner).finish_non_exhaustive()
    }
}
