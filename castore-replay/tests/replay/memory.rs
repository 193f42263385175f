//! Tests of the number of events that a pour keeps in memory, and of the number of reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use castore::channel::{AdapterFor, MessageChannelAdapter, PerAggregate, PublishMessageOptions, Topology};
use castore::prelude::*;
use castore_replay::*;

use crate::domain::*;
use crate::storages::{Watch, Watched};

/// A channel adapter that measures the maximum number of events in memory: the events that the storage has returned and
/// that are not published yet.
#[derive(Debug, Clone)]
struct Held {
    watch: Arc<Watch>,
    published: Arc<AtomicU64>,
    most: Arc<AtomicU64>,
}

#[async_trait]
impl MessageChannelAdapter<MessageOf<AppBus>> for Held {
    async fn publish_message(&self, _: MessageOf<AppBus>, _: PublishMessageOptions) -> Result<(), PublishError> {
        let published = self.published.fetch_add(1, Ordering::SeqCst);
        self.most.fetch_max(self.watch.events.load(Ordering::SeqCst) - published, Ordering::SeqCst);
        Ok(())
    }
}

impl<T: Topology> AdapterFor<T> for Held {
    type Order = PerAggregate;
}
struct Measured {
    poured: u64,
    most_held: u64,
    reads: u64,
    lists: u64,
    largest_page: u64,
}

async fn measure(events: Vec<EventDetail<Pokemon>>, events_ahead: usize) -> Measured {
    let storage = Watched::new(InMemoryEventStorageAdapter::new().with_events(events).unwrap(), Watch::default());
    let watch = storage.watch.clone();
    let held = Held { watch: watch.clone(), published: Arc::default(), most: Arc::default() };
    let bus = AppBus::new();
    bus.set_adapter(held.clone());
    let store = EventStore::<Pokemon>::new(storage);
    let poured = pour_event_store_events(&store, &bus).events_ahead(events_ahead).await.unwrap();
    assert_eq!(poured.poured_event_count, held.published.load(Ordering::SeqCst));
    Measured {
        poured: poured.poured_event_count,
        most_held: held.most.load(Ordering::SeqCst),
        reads: watch.get_events.load(Ordering::SeqCst),
        lists: watch.list_aggregate_ids.load(Ordering::SeqCst),
        largest_page: watch.largest_page.load(Ordering::SeqCst),
    }
}

/// Returns the events of aggregates that start one after the other. About `overlap` aggregates are open at the same
/// time.
fn staggered(aggregates: u64, versions: u64, overlap: u64) -> Vec<EventDetail<Pokemon>> {
    let event =
        |id: u64, version: u64| pokemon_event(&format!("{id:06}"), version, at(id * versions + version * overlap));
    (0..aggregates).flat_map(|id| (1..=versions).map(move |version| event(id, version))).collect()
}

/// A pour of a store that is ten times as large keeps the same number of events in memory.
#[tokio::test]
async fn memory_does_not_grow_with_the_store() {
    let small = measure(staggered(400, 10, 5), 200).await;
    let large = measure(staggered(4_000, 10, 5), 200).await;
    assert_eq!((small.poured, large.poured), (4_000, 40_000));
    assert!(large.most_held <= small.most_held + 5, "{} and {}", small.most_held, large.most_held);
    assert!(large.most_held <= 210, "{}", large.most_held);
}

/// A pour reads a long aggregate in pages, and not as a whole or event by event.
#[tokio::test]
async fn long_aggregates_are_read_in_pages() {
    let measured =
        measure((1..=50_000).map(|version| pokemon_event("long", version, at(version))).collect(), 16_384).await;
    assert_eq!(measured.poured, 50_000);
    assert!(measured.largest_page <= 256, "{}", measured.largest_page);
    assert!(measured.most_held <= 257, "{}", measured.most_held);
    assert!(measured.reads <= 50_000 / 256 + 2, "{}", measured.reads);
}

/// If the number of open aggregates exceeds `events_ahead`, the pour keeps one event of each open aggregate.
#[tokio::test]
async fn open_aggregates_beyond_the_bound_hold_one_event_each() {
    let event = |id: u64, version: u64| pokemon_event(&format!("{id:06}"), version, at(version * 1_000_000 + id));
    let events = (0..2_000).flat_map(|id| (1..=5).map(move |version| event(id, version))).collect();
    let measured = measure(events, 100).await;
    assert_eq!(measured.poured, 10_000);
    assert!(measured.most_held <= 2_000 + 101, "{}", measured.most_held);
}

/// A pour drops finished aggregates, so their number does not matter.
#[tokio::test]
async fn many_short_aggregates_cost_one_read_each() {
    let measured = measure((0..20_000).map(|id| pokemon_event(&format!("{id:06}"), 1, at(id))).collect(), 16_384).await;
    assert_eq!(measured.poured, 20_000);
    assert_eq!((measured.reads, measured.lists), (20_000, 200));
    assert!(measured.most_held <= 2, "{}", measured.most_held);
}
