use std::collections::{BTreeMap, BTreeSet};

use castore::storage::{EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions};
use castore_kill_tests::STORES;
use serde_json::Value;

/// The key of an event: the id of its event store, the id of its aggregate, and its version.
pub(crate) type Key = (String, String, u64);

/// The stored events, read without the event log.
pub(crate) struct PushReceipt {
    pub(crate) keys: BTreeSet<Key>,
    /// The number of events of each group.
    pub(crate) groups: BTreeMap<String, usize>,
    /// The number of events that were replaced by forced pushes.
    pub(crate) replaced: usize,
}

impl PushReceipt {
    pub(crate) async fn read(storage: &impl EventStorageAdapter) -> Self {
        let mut stored = Self { keys: BTreeSet::new(), groups: BTreeMap::new(), replaced: 0 };
        for store in STORES {
            let page = storage.list_aggregate_ids(store, ListAggregateIdsOptions::default()).await.unwrap();
            assert!(page.next_page_token.is_none(), "without a limit all come");
            for aggregate in page.aggregates {
                let id = aggregate.aggregate_id;
                let events = storage.get_events(store, &id, GetEventsOptions::default()).await.unwrap();
                for (event, version) in events.iter().zip(1..) {
                    assert_eq!(event.version, version, "{store} {id} has gaps");
                    let payload: Value = serde_json::from_str(event.payload.as_ref().unwrap().get()).unwrap();
                    if let Some(group) = payload["group"].as_str() {
                        *stored.groups.entry(group.to_owned()).or_default() += 1;
                    }
                    stored.replaced += usize::from(payload["revision"].as_u64().unwrap_or(0) > 0);
                    stored.keys.insert((store.to_owned(), id.clone(), version));
                }
            }
        }
        stored
    }

    /// Returns the number of events of each aggregate.
    pub(crate) fn counts(&self) -> BTreeMap<(String, String), u64> {
        let mut counts = BTreeMap::new();
        for (store, aggregate, _) in &self.keys {
            *counts.entry((store.clone(), aggregate.clone())).or_default() += 1;
        }
        counts
    }
}
