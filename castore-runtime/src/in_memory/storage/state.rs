use std::collections::{BTreeSet, HashMap, HashSet};
use std::mem;
use std::ops::{Bound, ControlFlow, Range};
use std::sync::Arc;

use castore_core::storage::{
    DecodedCache, Deletion, EventAlreadyExists, GetEventsOptions, LastEvaluatedKey, ListedAggregate, PageToken,
    PushOptions, RawEvent, RawEventRef, StorageError, VersionGap, first_gap,
};
use castore_core::time::Timestamp;

/// The events of all event stores.
#[derive(Default)]
pub(super) struct State {
    stores: HashMap<Arc<str>, StoreEvents>,
    /// All events, in the order of their positions. The first position is 1. The places of deleted events are `None`,
    /// so that the other events keep their positions.
    log: Vec<Option<(Arc<str>, Arc<StoredEvent>)>>,
    rewrites: u64,
}

struct StoreEvents {
    /// The key of this store, shared with the log.
    id: Arc<str>,
    aggregates: HashMap<Arc<str>, AggregateEvents>,
    /// The aggregates that have an event of version 1, in listing order, except for those in `not_sorted_in`.
    initial: BTreeSet<(Timestamp, Arc<str>)>,
    /// The aggregates that were added since the last listing. They are sorted only by the next listing, because most
    /// programs push often and list rarely.
    not_sorted_in: Vec<(Timestamp, Arc<str>)>,
}

#[derive(Default)]
struct AggregateEvents {
    /// The events, sorted by version. A reader shares the list instead of copying it. A push copies the list only if a
    /// reader still uses it.
    events: Arc<Vec<Arc<StoredEvent>>>,
    rewrites: u64,
}

/// The events that a read selects from an aggregate. The events do not change, even if others are pushed during the
/// read.
#[derive(Default)]
pub(super) struct Selection {
    events: Arc<Vec<Arc<StoredEvent>>>,
    range: Range<usize>,
    reverse: bool,
}

impl Selection {
    fn new(events: &Arc<Vec<Arc<StoredEvent>>>, options: GetEventsOptions) -> Self {
        let start = options.min_version.map_or(0, |min| events.partition_point(|event| event.raw.version < min));
        let end =
            options.max_version.map_or(events.len(), |max| events.partition_point(|event| event.raw.version <= max));
        let limit = options.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let range = if options.reverse {
            start.max(end.saturating_sub(limit))..end
        } else {
            start..end.min(start.saturating_add(limit))
        };
        Self { events: Arc::clone(events), range, reverse: options.reverse }
    }

    /// Calls `each` with one event after the other, in the requested order, until `each` returns a break.
    pub(super) fn visit(&self, mut each: impl FnMut(&StoredEvent) -> ControlFlow<()>) {
        // The range is empty if the first requested version is greater than the last one.
        let events = self.events.get(self.range.clone()).unwrap_or_default();
        let _ = if self.reverse {
            events.iter().rev().try_for_each(|event| each(event))
        } else {
            events.iter().try_for_each(|event| each(event))
        };
    }
}

/// A stored event: its raw form, and a cache for its decoded form.
pub(super) struct StoredEvent {
    pub(super) raw: RawEvent,
    position: u64,
    decoded: DecodedCache,
}

impl StoredEvent {
    pub(super) fn view(&self) -> RawEventRef<'_> {
        RawEventRef { decoded: Some(&self.decoded), ..self.raw.as_ref() }
    }
}

/// Returns the index of a version in sorted events, or the index at which to insert it.
fn place(events: &[Arc<StoredEvent>], version: u64) -> Result<usize, usize> {
    match events.last() {
        // Fast path: nearly every push is the next version.
        Some(last) if last.raw.version < version => Err(events.len()),
        None => Err(0),
        _ => events.binary_search_by_key(&version, |event| event.raw.version),
    }
}

/// Returns the index of a position in the log.
fn index(position: u64) -> Option<usize> {
    usize::try_from(position.checked_sub(1)?).ok()
}

fn last_version(events: &[Arc<StoredEvent>]) -> u64 {
    events.last().map_or(0, |last| last.raw.version)
}

impl State {
    fn events(&self, event_store_id: &str, aggregate_id: &str) -> &[Arc<StoredEvent>] {
        self.stores
            .get(event_store_id)
            .and_then(|store| store.aggregates.get(aggregate_id))
            .map_or(&[], |aggregate| aggregate.events.as_slice())
    }

    /// Returns how often events of the aggregate were replaced or deleted.
    pub(super) fn rewrites_of(&self, event_store_id: &str, aggregate_id: &str) -> u64 {
        self.stores
            .get(event_store_id)
            .and_then(|store| store.aggregates.get(aggregate_id))
            .map_or(0, |aggregate| aggregate.rewrites)
    }

    /// Returns how often events were replaced or deleted, in all aggregates.
    pub(super) fn rewrite_count(&self) -> u64 {
        self.rewrites
    }

    pub(super) fn last_position(&self) -> u64 {
        self.log.len() as u64
    }

    /// Returns the events after a position, in log order, with their positions.
    pub(super) fn log_after(&self, position: u64) -> impl Iterator<Item = (u64, &Arc<str>, &Arc<StoredEvent>)> {
        let start = usize::try_from(position).unwrap_or(usize::MAX).min(self.log.len());
        let places = self.log[start..].iter().zip(position.saturating_add(1)..);
        places.filter_map(|(place, at)| place.as_ref().map(|(store, event)| (at, store, event)))
    }

    pub(super) fn select(&self, event_store_id: &str, aggregate_id: &str, options: GetEventsOptions) -> Selection {
        self.stores
            .get(event_store_id)
            .and_then(|store| store.aggregates.get(aggregate_id))
            .map_or_else(Selection::default, |aggregate| Selection::new(&aggregate.events, options))
    }

    /// Stores an event and returns its position.
    pub(super) fn push(
        &mut self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<u64, StorageError> {
        let next_position = self.last_position() + 1;
        // Using only `entry` would copy the id of the store for every event.
        let store = match self.stores.get_mut(event_store_id) {
            Some(store) => store,
            None => {
                let id: Arc<str> = Arc::from(event_store_id);
                self.stores.entry(id.clone()).or_insert_with(|| StoreEvents::new(id))
            }
        };
        let stored = store.push(event_store_id, event, options, next_position)?;
        let position = stored.position;
        match index(position).and_then(|at| self.log.get_mut(at)) {
            Some(place) => {
                *place = Some((store.id.clone(), stored));
                self.rewrites += 1;
            }
            None => self.log.push(Some((store.id.clone(), stored))),
        }
        Ok(position)
    }

    /// Deletes all events of an aggregate, if the version of its last event is `expected`. The rewrite count of the
    /// aggregate stays.
    pub(super) fn delete(&mut self, event_store_id: &str, aggregate_id: &str, expected: u64) -> Deletion {
        let last_version = last_version(self.events(event_store_id, aggregate_id));
        let store = self.stores.get_mut(event_store_id).filter(|_| last_version == expected);
        let deleted = store.map_or_else(Arc::default, |store| store.delete(aggregate_id));
        if deleted.is_empty() {
            return Deletion::Changed { last_version };
        }
        for event in deleted.iter() {
            if let Some(place) = index(event.position).and_then(|at| self.log.get_mut(at)) {
                *place = None;
            }
        }
        let events = deleted.len() as u64;
        self.rewrites += events;
        Deletion::Deleted { events }
    }

    /// Rejects a group if the version of one of its events is already taken, by a stored event or by an earlier event
    /// of the group. Also rejects a group that leaves a gap, if gaps are not allowed.
    pub(super) fn check_group<'a>(
        &self,
        group: impl Iterator<Item = (&'a str, &'a RawEvent)>,
        options: PushOptions,
    ) -> Result<(), StorageError> {
        let mut of_group = HashSet::new();
        // The versions of each aggregate, in the order of the group.
        let mut versions: Vec<((&str, &str), Vec<u64>)> = Vec::new();
        let mut aggregates = HashMap::new();
        for (event_store_id, event) in group {
            let key = (event_store_id, event.aggregate_id.as_str());
            let taken = place(self.events(key.0, key.1), event.version).is_ok();
            if taken || !of_group.insert((key, event.version)) {
                return Err(already_exists(event_store_id, event).into());
            }
            let index = *aggregates.entry(key).or_insert_with(|| {
                versions.push((key, Vec::new()));
                versions.len() - 1
            });
            if let Some((_, versions)) = versions.get_mut(index) {
                versions.push(event.version);
            }
        }
        if !options.refuses_gaps() {
            return Ok(());
        }
        for ((event_store_id, aggregate_id), versions) in versions {
            let last = last_version(self.events(event_store_id, aggregate_id));
            if let Some(gap) = first_gap(last, versions) {
                return Err(VersionGap::new(event_store_id, aggregate_id, gap.expected, gap.given).into());
            }
        }
        Ok(())
    }

    /// Returns whether [`list`](Self::list) includes all aggregates of the store. If not, call
    /// [`sort_in`](Self::sort_in) first.
    pub(super) fn is_sorted_in(&self, event_store_id: &str) -> bool {
        self.stores.get(event_store_id).is_none_or(|store| store.not_sorted_in.is_empty())
    }

    pub(super) fn sort_in(&mut self, event_store_id: &str) {
        if let Some(store) = self.stores.get_mut(event_store_id) {
            store.initial.extend(store.not_sorted_in.drain(..));
        }
    }

    /// Returns a page of aggregates, and whether more follow.
    pub(super) fn list(&self, event_store_id: &str, asked: &PageToken) -> (Vec<ListedAggregate>, bool) {
        let Some(store) = self.stores.get(event_store_id) else {
            return (Vec::new(), false);
        };
        let last = asked.last_evaluated_key.as_ref().map(key_of);
        let reverse = asked.reverse.unwrap_or(false);
        let (after, before) = match (last, reverse) {
            (Some(last), false) => (Bound::Excluded(last), Bound::Unbounded),
            (Some(last), true) => (Bound::Unbounded, Bound::Excluded(last)),
            (None, _) => (Bound::Unbounded, Bound::Unbounded),
        };
        let wanted = |(timestamp, _): &&(Timestamp, Arc<str>)| {
            asked.initial_event_after.is_none_or(|after| *timestamp >= after)
                && asked.initial_event_before.is_none_or(|before| *timestamp <= before)
        };
        let range = store.initial.range((after, before)).filter(wanted);
        let limit = asked.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        if reverse { page(range.rev(), limit) } else { page(range, limit) }
    }
}

fn key_of(key: &LastEvaluatedKey) -> (Timestamp, Arc<str>) {
    (key.initial_event_timestamp, Arc::from(key.aggregate_id.as_str()))
}

fn page<'a>(
    mut aggregates: impl Iterator<Item = &'a (Timestamp, Arc<str>)>,
    limit: usize,
) -> (Vec<ListedAggregate>, bool) {
    let page = aggregates
        .by_ref()
        .take(limit)
        .map(|(timestamp, id)| ListedAggregate::new(id.to_string(), *timestamp))
        .collect();
    (page, limit > 0 && aggregates.next().is_some())
}

impl StoreEvents {
    fn new(id: Arc<str>) -> Self {
        Self { id, aggregates: HashMap::new(), initial: BTreeSet::new(), not_sorted_in: Vec::new() }
    }

    fn push(
        &mut self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
        next_position: u64,
    ) -> Result<Arc<StoredEvent>, StorageError> {
        let aggregate = match self.aggregates.get_mut(event.aggregate_id.as_str()) {
            Some(events) => events,
            None => self.aggregates.entry(Arc::from(event.aggregate_id.as_str())).or_default(),
        };
        let events = &aggregate.events;
        let place = place(events, event.version);
        if place.is_ok() && !options.force {
            return Err(already_exists(event_store_id, &event).into());
        }
        let expected = last_version(events).saturating_add(1);
        if event.version != expected && options.refuses_gaps() {
            return Err(VersionGap::new(event_store_id, event.aggregate_id, expected, event.version).into());
        }
        if event.version == 1 {
            let id: Arc<str> = Arc::from(event.aggregate_id.as_str());
            if let Ok(at) = place {
                self.initial.extend(self.not_sorted_in.drain(..));
                self.initial.remove(&(events[at].raw.timestamp, id.clone()));
            }
            self.not_sorted_in.push((event.timestamp, id));
        }
        let position = place.map_or(next_position, |at| events[at].position);
        let stored = Arc::new(StoredEvent { raw: event, position, decoded: DecodedCache::default() });
        let events = Arc::make_mut(&mut aggregate.events);
        match place {
            Ok(at) => {
                events[at] = stored.clone();
                aggregate.rewrites += 1;
            }
            Err(at) => events.insert(at, stored.clone()),
        }
        Ok(stored)
    }

    /// Removes and returns all events of an aggregate.
    fn delete(&mut self, aggregate_id: &str) -> Arc<Vec<Arc<StoredEvent>>> {
        let Some(aggregate) = self.aggregates.get_mut(aggregate_id) else { return Arc::default() };
        let events = mem::take(&mut aggregate.events);
        aggregate.rewrites += events.len() as u64;
        if let Some(first) = events.first().filter(|event| event.raw.version == 1) {
            self.initial.extend(self.not_sorted_in.drain(..));
            self.initial.remove(&(first.raw.timestamp, Arc::from(aggregate_id)));
        }
        events
    }
}

fn already_exists(event_store_id: &str, event: &RawEvent) -> EventAlreadyExists {
    EventAlreadyExists::new(event_store_id.to_owned(), event.aggregate_id.clone(), event.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(version: u64, event_type: &'static str) -> RawEvent {
        RawEvent {
            aggregate_id: "a".to_owned(),
            version,
            event_type: event_type.into(),
            timestamp: Timestamp::now(),
            payload: None,
            metadata: None,
        }
    }

    fn types(selection: &Selection) -> Vec<String> {
        let mut types = Vec::new();
        selection.visit(|event| {
            types.push(event.raw.event_type.to_string());
            ControlFlow::Continue(())
        });
        types
    }

    #[test]
    fn selection_is_not_changed_by_pushes() -> Result<(), StorageError> {
        let mut state = State::default();
        state.push("S", event(1, "ONE"), PushOptions::default())?;
        let before = state.select("S", "a", GetEventsOptions::default());
        state.push("S", event(1, "CHANGED"), PushOptions::default().force(true))?;
        state.push("S", event(2, "TWO"), PushOptions::default())?;
        assert_eq!(types(&before), ["ONE"]);
        assert_eq!(types(&state.select("S", "a", GetEventsOptions::default())), ["CHANGED", "TWO"]);
        Ok(())
    }
}
