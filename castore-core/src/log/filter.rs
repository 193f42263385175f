use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Logged;
use crate::event::{Event, stored_names};
use crate::event_sourced::EventSourced;

/// A query for the events of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// The filter that the events must pass.
    pub filter: LogFilter,
    /// The maximum number of events. 0 reads no events.
    pub limit: usize,
    /// The last position to read, inclusive. `None` reads to the end.
    pub up_to: Option<u64>,
    /// The aggregate to which the query is restricted. `None` reads the events of all aggregates.
    pub aggregate: Option<OneAggregate>,
}

/// An aggregate to which a log query is restricted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneAggregate {
    /// The id of the aggregate's event store.
    pub event_store_id: String,
    /// The id of the aggregate, as text.
    pub aggregate_id: String,
}

impl LogQuery {
    /// Creates a query for at most `limit` events that pass `filter`.
    pub fn new(filter: LogFilter, limit: usize) -> Self {
        Self { filter, limit, up_to: None, aggregate: None }
    }

    /// Sets the last position to read, inclusive.
    #[must_use]
    pub fn up_to(self, position: u64) -> Self {
        Self { up_to: Some(position), ..self }
    }

    /// Restricts the query to the events of one aggregate.
    #[must_use]
    pub fn aggregate(self, event_store_id: impl Into<String>, aggregate_id: impl Into<String>) -> Self {
        let aggregate = OneAggregate { event_store_id: event_store_id.into(), aggregate_id: aggregate_id.into() };
        Self { aggregate: Some(aggregate), ..self }
    }
}

/// A filter of log entries, by event store and event type. The storage of the log evaluates the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter {
    /// The event types by event store. `None` stands for all stores, and an empty list stands for all types of the
    /// store.
    stores: Option<BTreeMap<String, Vec<String>>>,
}

impl LogFilter {
    /// Returns a filter that all events pass.
    pub fn all() -> Self {
        Self { stores: None }
    }

    /// Returns a filter that no events pass, to which event stores can be added.
    pub fn none() -> Self {
        Self { stores: Some(BTreeMap::new()) }
    }

    /// Returns a filter for all events of the event stores whose events can be decoded as `E`. See [`Logged`].
    pub fn of<E: Logged>() -> Self {
        E::event_store_ids().into_iter().fold(Self::none(), Self::event_store_id)
    }

    /// Adds an event store with all its event types, even if the store was restricted to some types before. After
    /// [`all`](Self::all), this method changes nothing.
    #[must_use]
    pub fn store<S: EventSourced>(self) -> Self {
        self.event_store_id(S::EVENT_STORE_ID)
    }

    /// Adds an event store like [`store`](Self::store), but by its id.
    #[must_use]
    pub fn event_store_id(mut self, event_store_id: impl Into<String>) -> Self {
        if let Some(stores) = &mut self.stores {
            stores.insert(event_store_id.into(), Vec::new());
        }
        self
    }

    /// Restricts an event store to the given event types, and adds the store if necessary. An empty list of types
    /// removes the store. Other stores that were added are not affected. After [`all`](Self::all), only events of this
    /// store pass.
    ///
    /// Events of retired types pass if they may be read as one of the given types. If one of the given types is that of
    /// the variant with `#[event(other)]`, all event types of the store pass, because undeclared types cannot be
    /// listed.
    #[must_use]
    pub fn event_types<S: EventSourced>(
        mut self,
        event_types: impl IntoIterator<Item = <S::Event as Event>::EventType>,
    ) -> Self {
        let mut event_types = event_types.into_iter().peekable();
        let is_empty = event_types.peek().is_none();
        let types = stored_names(event_types).unwrap_or_default().into_iter().map(str::to_owned).collect();
        let stores = self.stores.get_or_insert_with(BTreeMap::new);
        if is_empty {
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

    /// Returns the event stores with their event types, where an empty list stands for all types. Returns `None` if
    /// all events pass.
    pub fn stores(&self) -> Option<impl Iterator<Item = (&str, &[String])>> {
        self.stores.as_ref().map(|stores| stores.iter().map(|(store, types)| (store.as_str(), types.as_slice())))
    }

    /// Returns whether an event passes the filter.
    pub fn passes(&self, event_store_id: &str, event_type: &str) -> bool {
        match &self.stores {
            None => true,
            Some(stores) => stores
                .get(event_store_id)
                .is_some_and(|types| types.is_empty() || types.iter().any(|one| one == event_type)),
        }
    }
}
