//! A reference implementation of the storage contract, based on a map.

use std::collections::BTreeMap;

use castore_core::storage::{GetEventsOptions, ListAggregateIdsOptions, ListedAggregate, RawEvent};

type Events = BTreeMap<u64, RawEvent>;

/// The expected content of a storage.
#[derive(Debug, Default, Clone)]
pub(crate) struct Model {
    aggregates: BTreeMap<(String, String), Events>,
}

impl Model {
    pub(crate) fn has(&self, store: &str, event: &RawEvent) -> bool {
        self.aggregates
            .get(&(store.to_owned(), event.aggregate_id.clone()))
            .is_some_and(|events| events.contains_key(&event.version))
    }

    /// Stores an event. Replaces an existing event of the same version.
    pub(crate) fn put(&mut self, store: &str, event: RawEvent) {
        self.aggregates.entry((store.to_owned(), event.aggregate_id.clone())).or_default().insert(event.version, event);
    }

    pub(crate) fn events(&self, store: &str, aggregate_id: &str, options: GetEventsOptions) -> Vec<RawEvent> {
        let Some(events) = self.aggregates.get(&(store.to_owned(), aggregate_id.to_owned())) else {
            return Vec::new();
        };
        let wanted = events.values().filter(|event| {
            options.min_version.is_none_or(|min| event.version >= min)
                && options.max_version.is_none_or(|max| event.version <= max)
        });
        let limit = usize::try_from(options.limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        if options.reverse {
            wanted.rev().take(limit).cloned().collect()
        } else {
            wanted.take(limit).cloned().collect()
        }
    }

    /// Returns the complete list of aggregates. The limit and the page token of the options are ignored.
    pub(crate) fn list(&self, store: &str, options: &ListAggregateIdsOptions) -> Vec<ListedAggregate> {
        let mut listed: Vec<_> = self
            .aggregates
            .iter()
            .filter(|((of, _), _)| of == store)
            .filter_map(|((_, aggregate_id), events)| {
                Some(ListedAggregate::new(aggregate_id.clone(), events.get(&1)?.timestamp))
            })
            .filter(|listed| {
                let moment = listed.initial_event_timestamp;
                options.initial_event_after.is_none_or(|after| moment >= after)
                    && options.initial_event_before.is_none_or(|before| moment <= before)
            })
            .collect();
        sort(&mut listed, options.reverse == Some(true));
        listed
    }
}

/// Sorts aggregates by timestamp, then by the bytes of their ids. With `reverse`, the order is reversed.
pub(crate) fn sort(listed: &mut [ListedAggregate], reverse: bool) {
    listed.sort_by(|one, other| {
        (one.initial_event_timestamp, &one.aggregate_id).cmp(&(other.initial_event_timestamp, &other.aggregate_id))
    });
    if reverse {
        listed.reverse();
    }
}
