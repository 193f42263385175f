//! The fixture of all behaviors: a fresh storage, with short helper functions.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use castore_core::storage::{
    AggregateIdsPage, EventAlreadyExists, EventStorageAdapter, GetEventsOptions, GroupedRawEvent,
    ListAggregateIdsOptions, PushOptions, PushReceipt, RawEvent, StorageError, VersionGap,
};
use castore_core::time::Timestamp;

use super::compare::{Seen, json, seen};
use super::{Capabilities, FreshStorage, StorageFactory};

/// The event stores in tests that are not about event store ids.
pub(crate) const POKEMONS: &str = "POKEMONS";
pub(crate) const TRAINERS: &str = "TRAINERS";

pub(crate) const FORCE: PushOptions = PushOptions::new().force(true);
pub(crate) const NO_FORCE: PushOptions = PushOptions::new();
pub(crate) const ALLOW_GAP: PushOptions = PushOptions::new().allow_gap(true);

/// The options that select all events, lowest version first.
pub(crate) const ALL: GetEventsOptions = GetEventsOptions::new();

/// Returns the timestamp that is the given number of milliseconds after the beginning of 2024.
pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(1_704_067_200_000 + millis).expect("a moment near 2024")
}

pub(crate) struct Case {
    pub(crate) storage: FreshStorage,
    pub(crate) adapter: Arc<dyn EventStorageAdapter>,
    pub(crate) capabilities: Capabilities,
}

impl Case {
    pub(crate) async fn new(factory: &dyn StorageFactory) -> Self {
        let storage = factory.fresh().await;
        Self { adapter: storage.adapter(), storage, capabilities: factory.capabilities() }
    }

    /// Returns the aggregate id that represents `text`.
    pub(crate) fn id(&self, text: &str) -> String {
        self.capabilities.id(text)
    }

    /// Returns an event that differs from the events of all other aggregates and versions. The timestamp of each
    /// version is one second later than the timestamp of the previous version.
    pub(crate) fn event(&self, aggregate: &str, version: u64) -> RawEvent {
        RawEvent {
            aggregate_id: self.id(aggregate),
            version,
            event_type: if version == 1 { "APPEARED" } else { "LEVELED_UP" }.into(),
            timestamp: at((version % 100_000) as i64 * 1_000),
            payload: Some(json(format!(r#"{{"version":{version}}}"#))),
            metadata: None,
        }
    }

    /// Returns an event like [`event`](Self::event), with `mark` in the payload and in the metadata. The mark
    /// distinguishes events of the same version, for example of different writers.
    pub(crate) fn marked(&self, aggregate: &str, version: u64, mark: impl std::fmt::Display) -> RawEvent {
        RawEvent {
            payload: Some(json(format!(r#"{{"mark":"{mark}"}}"#))),
            metadata: Some(json(format!(r#"{{"by":"{mark}"}}"#))),
            ..self.event(aggregate, version)
        }
    }

    /// Returns the first event of an aggregate, with the given timestamp.
    pub(crate) fn initial(&self, aggregate: &str, timestamp: Timestamp) -> RawEvent {
        RawEvent { timestamp, ..self.event(aggregate, 1) }
    }

    pub(crate) async fn try_push(&self, store: &str, event: RawEvent) -> Result<PushReceipt, StorageError> {
        self.adapter.push_event(store, event, NO_FORCE).await
    }

    pub(crate) async fn push(&self, store: &str, event: RawEvent) -> PushReceipt {
        let what = format!("{event:?}");
        self.try_push(store, event).await.unwrap_or_else(|error| panic!("pushing {what} to {store:?}: {error}"))
    }

    /// Pushes an event whose version may leave a gap. The version must not be taken.
    pub(crate) async fn push_anywhere(&self, store: &str, event: RawEvent) -> PushReceipt {
        let what = format!("{event:?}");
        let pushed = self.adapter.push_event(store, event, ALLOW_GAP).await;
        pushed.unwrap_or_else(|error| panic!("pushing {what} to {store:?} with `allow_gap`: {error}"))
    }

    pub(crate) async fn push_all(&self, store: &str, events: impl IntoIterator<Item = RawEvent>) {
        for event in events {
            self.push(store, event).await;
        }
    }

    pub(crate) async fn force(&self, store: &str, event: RawEvent) -> PushReceipt {
        let what = format!("{event:?}");
        self.adapter
            .push_event(store, event, FORCE)
            .await
            .unwrap_or_else(|error| panic!("forcing {what} on {store:?}: {error}"))
    }

    pub(crate) fn grouped(&self, events: Vec<(&'static str, RawEvent)>) -> Vec<GroupedRawEvent> {
        group(&self.adapter, events)
    }

    pub(crate) async fn try_group(
        &self,
        events: Vec<(&'static str, RawEvent)>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        self.adapter.push_event_group(self.grouped(events), options).await
    }

    pub(crate) async fn group(&self, events: Vec<(&'static str, RawEvent)>) -> Vec<PushReceipt> {
        let length = events.len();
        let stored = self
            .try_group(events, NO_FORCE)
            .await
            .unwrap_or_else(|error| panic!("pushing a group of {length}: {error}"));
        assert_eq!(stored.len(), length, "one receipt per event of the group");
        stored
    }

    pub(crate) async fn get(&self, store: &str, aggregate: &str, options: GetEventsOptions) -> Vec<RawEvent> {
        let id = self.id(aggregate);
        self.adapter
            .get_events(store, &id, options)
            .await
            .unwrap_or_else(|error| panic!("reading {aggregate:?} of {store:?} with {options:?}: {error}"))
    }

    /// Returns all stored events of an aggregate.
    pub(crate) async fn seen(&self, store: &str, aggregate: &str) -> Vec<Seen> {
        seen(&self.get(store, aggregate, ALL).await, &self.capabilities)
    }

    /// Asserts that the aggregate has exactly these events.
    pub(crate) async fn expect(&self, store: &str, aggregate: &str, expected: &[RawEvent]) {
        assert_eq!(
            self.seen(store, aggregate).await,
            self.seen_of(expected),
            "the events of {aggregate:?} in {store:?}"
        );
    }

    pub(crate) fn seen_of(&self, events: &[RawEvent]) -> Vec<Seen> {
        seen(events, &self.capabilities)
    }

    /// Returns the events that `visit_events` passes to the visitor. The visitor stops after the given number of
    /// events.
    pub(crate) async fn visit(
        &self,
        store: &str,
        aggregate: &str,
        options: GetEventsOptions,
        stop_after: usize,
    ) -> Result<Vec<Seen>, StorageError> {
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (to, capabilities) = (shown.clone(), self.capabilities.clone());
        self.adapter
            .visit_events(
                store,
                &self.id(aggregate),
                options,
                Box::new(move |event| {
                    let mut shown = to.lock().unwrap();
                    shown.push(Seen::of_ref(event, &capabilities));
                    if shown.len() >= stop_after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                }),
            )
            .await?;
        let shown = shown.lock().unwrap().clone();
        Ok(shown)
    }

    pub(crate) async fn try_list(
        &self,
        store: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        self.settle().await;
        self.adapter.list_aggregate_ids(store, options).await
    }

    pub(crate) async fn list(&self, store: &str, options: ListAggregateIdsOptions) -> AggregateIdsPage {
        let what = format!("{options:?}");
        self.try_list(store, options).await.unwrap_or_else(|error| panic!("listing {store:?} with {what}: {error}"))
    }

    /// Waits until lists show all previous pushes.
    pub(crate) async fn settle(&self) {
        if !self.capabilities.listing_lag.is_zero() {
            tokio::time::sleep(self.capabilities.listing_lag).await;
        }
    }
}

/// Returns a group of events that all use one adapter.
pub(crate) fn group(
    adapter: &Arc<dyn EventStorageAdapter>,
    events: Vec<(&'static str, RawEvent)>,
) -> Vec<GroupedRawEvent> {
    events
        .into_iter()
        .map(|(event_store_id, event)| GroupedRawEvent::new(adapter.clone(), event_store_id, event))
        .collect()
}

/// Asserts that a push failed with a conflict that names exactly this event.
pub(crate) fn expect_conflict<T: std::fmt::Debug>(
    result: Result<T, StorageError>,
    store: &str,
    aggregate_id: &str,
    version: u64,
) {
    match result {
        Err(StorageError::EventAlreadyExists(conflict)) => assert_eq!(
            conflict,
            EventAlreadyExists::new(store.to_owned(), aggregate_id.to_owned(), version),
            "the conflict must name the rejected event"
        ),
        other => panic!("expected EventAlreadyExists for {store} {aggregate_id} {version}, got {other:?}"),
    }
}

/// Asserts that a push failed with a gap error that names exactly this event.
pub(crate) fn expect_gap<T: std::fmt::Debug>(
    result: Result<T, StorageError>,
    store: &str,
    aggregate_id: &str,
    (expected, given): (u64, u64),
) {
    match result {
        Err(StorageError::VersionGap(gap)) => assert_eq!(
            gap,
            VersionGap::new(store.to_owned(), aggregate_id.to_owned(), expected, given),
            "the error must name the rejected event and the next version"
        ),
        other => panic!("expected VersionGap for {store} {aggregate_id} {given}, got {other:?}"),
    }
}

/// Returns the ids of a page.
pub(crate) fn ids(page: &AggregateIdsPage) -> Vec<&str> {
    page.aggregates.iter().map(|listed| &*listed.aggregate_id).collect()
}
