//! Tests of aggregates with more events than fit into memory.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use async_trait::async_trait;
use castore::prelude::*;
use castore::storage::{
    AggregateIdsPage, EventStorageAdapter, GetEventsOptions, GroupedRawEvent, ListAggregateIdsOptions, PushOptions,
    PushReceipt, RawEvent, StorageError, StorageId,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::to_raw_value;

use crate::support::timestamp;

const EVENTS: u64 = 200_000;

/// The number of payloads that exist now. [`MOST`] is the largest number that existed at the same time.
static ALIVE: AtomicI64 = AtomicI64::new(0);
static MOST: AtomicI64 = AtomicI64::new(0);

#[derive(Debug)]
pub struct Counted(u64);

impl Counted {
    fn new(number: u64) -> Self {
        let alive = ALIVE.fetch_add(1, Ordering::SeqCst) + 1;
        MOST.fetch_max(alive, Ordering::SeqCst);
        Self(number)
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::new(self.0)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Self::new)
    }
}

#[derive(Debug, Clone, Event)]
pub enum LongEvent {
    Added(Counted),
}

#[derive(Debug, Clone, PartialEq)]
#[event_store(id = "LONG", event = LongEvent)]
pub struct Long {
    sum: u64,
}

impl Reducer for Long {
    fn reduce(long: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let LongEvent::Added(number) = &event.payload;
        Ok(Self { sum: long.map_or(0, |long| long.sum) + number.0 })
    }
}

/// A storage that generates events, and counts the reads. It uses the default `visit_events`.
#[derive(Debug, Default)]
struct Endless {
    largest_page: AtomicU64,
    reads: AtomicU64,
}

#[async_trait]
impl EventStorageAdapter for &'static Endless {
    fn storage_id(&self) -> StorageId {
        StorageId::named("endless")
    }

    async fn get_events(
        &self,
        _: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        let (first, last) =
            (options.min_version.unwrap_or(1).max(1), options.max_version.unwrap_or(EVENTS).min(EVENTS));
        let limit = usize::try_from(options.limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let event = |version: u64| RawEvent {
            aggregate_id: aggregate_id.to_owned(),
            version,
            event_type: "Added".into(),
            timestamp: timestamp("2024-01-01T00:00:00.000Z"),
            payload: Some(to_raw_value(&version).unwrap()),
            metadata: None,
        };
        let events: Vec<_> = match options.reverse {
            false => (first..=last).take(limit).map(event).collect(),
            true => (first..=last).rev().take(limit).map(event).collect(),
        };
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.largest_page.fetch_max(events.len() as u64, Ordering::SeqCst);
        Ok(events)
    }

    async fn push_event(&self, _: &str, _: RawEvent, _: PushOptions) -> Result<PushReceipt, StorageError> {
        Err(StorageError::ShutDown)
    }

    async fn push_event_group(
        &self,
        _: Vec<GroupedRawEvent>,
        _: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        Err(StorageError::ShutDown)
    }

    async fn list_aggregate_ids(&self, _: &str, _: ListAggregateIdsOptions) -> Result<AggregateIdsPage, StorageError> {
        Err(StorageError::ShutDown)
    }
}

fn endless() -> (&'static Endless, EventStore<Long>) {
    let storage: &'static Endless = Box::leak(Box::default());
    (storage, EventStore::new(storage))
}

/// All checks are in one test, because the counters are global.
#[tokio::test]
async fn long_aggregates_are_read_and_folded_page_by_page() {
    let sum = EVENTS * (EVENTS + 1) / 2;
    let (storage, store) = endless();
    let aggregate = store.get_existing_aggregate("a").without_events().await.unwrap();
    assert_eq!((aggregate.version, aggregate.sum), (EVENTS, sum));
    let most = MOST.swap(0, Ordering::SeqCst);
    assert!(most <= 4, "{most} events were held at a time");
    assert!(storage.largest_page.load(Ordering::SeqCst) <= 1024, "pages are small");
    assert!(storage.reads.load(Ordering::SeqCst) >= EVENTS / 1024);

    let (storage, store) = endless();
    let mut stream = store.get_events("a").stream();
    let (mut next, mut seen) = (1, 0);
    while let Some(event) = stream.next().await {
        let event = event.unwrap();
        assert_eq!(event.version, next);
        let LongEvent::Added(number) = &event.payload;
        seen += number.0;
        next += 1;
    }
    assert_eq!((seen, next), (sum, EVENTS + 1));
    assert!(stream.next().await.is_none(), "it stays at its end");
    let most = MOST.swap(0, Ordering::SeqCst);
    assert!(most <= 1024, "{most} events were held at a time");
    assert!(storage.largest_page.load(Ordering::SeqCst) <= 1024);
    assert_eq!(ALIVE.load(Ordering::SeqCst), 0);

    // A stream reads nothing before it is polled, and then at most one page more than needed.
    let (storage, store) = endless();
    let mut stream = store.get_events("a").reverse(true).stream();
    assert_eq!(storage.reads.load(Ordering::SeqCst), 0);
    assert_eq!(stream.next().await.unwrap().unwrap().version, EVENTS);
    assert_eq!(storage.reads.load(Ordering::SeqCst), 1);

    streams_take_all_options().await;
}

async fn streamed(request: castore::store::GetEvents<Long>) -> Vec<u64> {
    let mut stream = request.stream();
    let mut versions = Vec::new();
    while let Some(event) = stream.next().await {
        versions.push(event.unwrap().version);
    }
    versions
}

/// With limits near the page size, in both directions, a stream returns the same events as a single read.
async fn streams_take_all_options() {
    let (_, store) = endless();
    for limit in [0, 1, 255, 256, 257, 511, 512, 513, 1000] {
        for reverse in [false, true] {
            for (min, max) in [(1, EVENTS), (100, 700), (5, 5), (6, 5), (EVENTS, u64::MAX)] {
                let request = || store.get_events("a").limit(limit).reverse(reverse).min_version(min).max_version(max);
                let streamed = streamed(request()).await;
                let read: Vec<u64> = request().await.unwrap().iter().map(|event| event.version).collect();
                assert_eq!(streamed, read, "limit {limit}, reverse {reverse}, {min} to {max}");
                assert_eq!(streamed.iter().collect::<HashSet<_>>().len(), streamed.len());
                let available = max.min(EVENTS).saturating_add(1).saturating_sub(min);
                assert_eq!(streamed.len() as u64, limit.min(available));
            }
        }
    }
}

#[test]
fn event_stream_implements_stream() {
    fn is<T: futures_core::Stream<Item = Result<EventDetail<Long>, EventStoreError>> + Send + Unpin + 'static>(_: T) {}
    is(endless().1.get_events("a").stream());
}
