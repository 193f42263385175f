use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Logged;
use crate::event::{Event, EventType};
use crate::event_sourced::EventSourced;

/// What to read from a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// Which events.
    pub filter: LogFilter,
    /// How many at most. 0 is none.
    pub limit: usize,
    /// The last position wanted, inclusive.
    pub up_to: Option<u64>,
    /// Only the events of this aggregate.
    pub aggregate: Option<OneAggregate>,
}

/// An aggregate whose events alone are read from a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneAggregate {
    /// Its event store.
    pub event_store_id: String,
    /// Its id, as text.
    pub aggregate_id: String,
}

impl LogQuery {
    /// Events that pass `filter`, that many at most.
    pub fn new(filter: LogFilter, limit: usize) -> Self {
        Self { filter, limit, up_to: None, aggregate: None }
    }

    /// Nothing beyond that position.
    #[must_use]
    pub fn up_to(self, position: u64) -> Self {
        Self { up_to: Some(position), ..self }
    }

    /// Only the events of one aggregate.
    #[must_use]
    pub fn aggregate(self, event_store_id: impl Into<String>, aggregate_id: impl Into<String>) -> Self {
        let aggregate = OneAggregate { event_store_id: event_store_id.into(), aggregate_id: aggregate_id.into() };
        Self { aggregate: Some(aggregate), ..self }
    }
}

/// Which events of a log: of which event stores, and of which types. Logs push it down to their engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter {
    /// Event types by event store. `None` for the stores: all stores. An empty list of types: all types.
    stores: Option<BTreeMap<String, Vec<String>>>,
}

impl LogFilter {
    /// All events.
    pub fn all() -> Self {
        Self { stores: None }
    }

    /// No events, until stores are added.
    pub fn none() -> Self {
        Self { stores: Some(BTreeMap::new()) }
    }

    /// All events that can be read as `E`: see [`Logged`].
    pub fn of<E: Logged>() -> Self {
        E::event_store_ids().into_iter().fold(Self::none(), Self::event_store_id)
    }

    /// The events of this event store too, of all types.
    #[must_use]
    pub fn store<S: EventSourced>(self) -> Self {
        self.event_store_id(S::EVENT_STORE_ID)
    }

    /// The events of this event store too, of all types.
    #[must_use]
    pub fn event_store_id(mut self, event_store_id: impl Into<String>) -> Self {
        if let Some(stores) = &mut self.stores {
            stores.insert(event_store_id.into(), Vec::new());
        }
        self
    }

    /// Of the events of this store, only those of the given types. Stores that the filter passes beside it stay.
    #[must_use]
    pub fn event_types<S: EventSourced>(
        mut self,
        event_types: impl IntoIterator<Item = <S::Event as Event>::EventType>,
    ) -> Self {
        let types: Vec<String> = event_types.into_iter().map(|event_type| event_type.as_str().to_owned()).collect();
        let stores = self.stores.get_or_insert_with(BTreeMap::new);
        if types.is_empty() {
            stores.remove(S::EVENT_STORE_ID);
            return self;
        }
        match stores.entry(S::EVENT_STORE_ID.to_owned()) {
            Entry::Occupied(mut before) => *before.get_mut() = types,
            Entry::Vacant(place) => {
                place.insert(types);
            }
        }
        self
    }

    /// The event stores, each with its event types (none: all); `None` if all events pass.
    pub fn stores(&self) -> Option<impl Iterator<Item = (&str, &[String])>> {
        self.stores.as_ref().map(|stores| stores.iter().map(|(store, types)| (store.as_str(), types.as_slice())))
    }

    /// Whether an event passes.
    pub fn passes(&self, event_store_id: &str, event_type: &str) -> bool {
        match &self.stores {
            None => true,
            Some(stores) => stores
                .get(event_store_id)
                .is_some_and(|types| types.is_empty() || types.iter().any(|one| one == event_type)),
        }
    }
}
