//! The combination of several filters: for each event store, the messages that at least one of the filters passes.
//! Patterns are built from this combination.

use std::collections::{BTreeMap, BTreeSet};

use castore_core::consumer::FilterPattern;

/// The messages of an event store that at least one of the filters passes. Several event stores can have equal values.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    pub(super) live: Types,
    pub(super) replayed: Types,
}

/// A set of event types.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Types {
    All,
    /// The given types. An empty set selects no messages.
    These(BTreeSet<&'static str>),
}

impl Default for Types {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

impl Types {
    fn add(&mut self, types: Option<&[&'static str]>) {
        match (&mut *self, types) {
            (Self::All, _) => {}
            (_, None) => *self = Self::All,
            (Self::These(these), Some(types)) => these.extend(types),
        }
    }

    pub(super) fn is_none(&self) -> bool {
        matches!(self, Self::These(these) if these.is_empty())
    }
}

/// Groups the event stores by the messages that the filters pass. Each event store is in at most one group. A message
/// passes if any filter passes it.
pub(super) fn by_event_stores(
    sources: impl IntoIterator<Item = &'static str> + Clone,
    filters: &[FilterPattern],
) -> Vec<(BTreeSet<&'static str>, Wanted)> {
    let mut by_event_store = BTreeMap::<&'static str, Wanted>::new();
    for filter in filters {
        let event_stores: Vec<_> = match filter.event_store_id {
            Some(event_store_id) => vec![event_store_id],
            None => sources.clone().into_iter().collect(),
        };
        for event_store_id in event_stores {
            let wanted = by_event_store.entry(event_store_id).or_default();
            let types = filter.event_types.as_deref();
            wanted.live.add(types);
            if filter.on_replay {
                wanted.replayed.add(types);
            }
        }
    }
    let mut groups = BTreeMap::<Wanted, BTreeSet<&'static str>>::new();
    for (event_store_id, wanted) in by_event_store {
        groups.entry(wanted).or_default().insert(event_store_id);
    }
    groups.into_iter().filter(|(wanted, _)| !wanted.live.is_none()).map(|(wanted, stores)| (stores, wanted)).collect()
}
