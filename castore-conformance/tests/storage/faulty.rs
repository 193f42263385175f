//! Tests that the kit detects faults. Each adapter has one fault, and the tests of the kit that are listed for
//! the fault must fail.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::storage::{BEHAVIORS, FreshStorage, StorageFactory};
use castore_core::storage::{
    AggregateIdsPage, DelegatingStorageAdapter, EventAlreadyExists, EventStorageAdapter, EventVisitor,
    GetEventsOptions, GroupedRawEvent, LastEvaluatedKey, ListAggregateIdsOptions, PageToken, PushOptions, PushReceipt,
    RawEvent, StorageError, StorageId, VersionGap,
};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    LimitIgnored,
    ZeroIsNoBound,
    LimitBeforeBounds,
    ReverseIgnored,
    StoreForgotten,
    PayloadReserialized,
    NullIsAbsent,
    MetadataLost,
    ConflictWithoutName,
    ForceIsIgnored,
    ForceKeepsMetadata,
    ForceTakesANewPosition,
    GroupEventByEvent,
    GroupSeenTooEarly,
    GroupAnswersReversed,
    StopIgnored,
    VisitWithoutOptions,
    CheckThenForce,
    BoundsExclusive,
    TokenForgetsOptions,
    TokenWins,
    PagesByTimestampAlone,
    TokenAfterTheEnd,
    BadTokenIsTheFirstPage,
    IdCut,
    TypeLowercased,
    NewStorageIdEachTime,
    OneStorageForAll,
    AggregatesFillUp,
    GapsUnchecked,
    GapsInGroupsUnchecked,
    AllowGapIsIgnored,
    GapBeforeConflict,
    GapWithoutName,
    KnownVersionsOutliveGaps,
    KnownVersionsOfPartialReads,
}

use Fault::*;

/// The faults, each with some of the behaviors that must fail because of this fault.
const FOUND_BY: &[(Fault, &[&str])] = &[
    (LimitIgnored, &["all_combinations_of_options_are_honored", "any_sequence_matches_the_model"]),
    (ZeroIsNoBound, &["all_combinations_of_options_are_honored"]),
    (LimitBeforeBounds, &["all_combinations_of_options_are_honored", "any_sequence_matches_the_model"]),
    (ReverseIgnored, &["all_combinations_of_options_are_honored", "a_returned_push_is_read_at_once"]),
    (
        StoreForgotten,
        &[
            "the_same_id_in_two_stores_is_two_aggregates",
            "a_group_spans_event_stores",
            "force_stays_in_its_store",
            "store_and_aggregate_ids_are_not_joined",
            "any_sequence_matches_the_model",
        ],
    ),
    (PayloadReserialized, &["any_json_value_is_a_payload", "odd_json_is_kept_or_refused"]),
    (NullIsAbsent, &["any_json_value_is_a_payload"]),
    (MetadataLost, &["an_event_comes_back_as_it_was_pushed", "any_json_value_is_metadata"]),
    (ConflictWithoutName, &["a_taken_version_is_refused", "a_conflict_anywhere_stores_nothing"]),
    (ForceIsIgnored, &["force_replaces_the_event_in_place", "a_forced_group_replaces_and_appends"]),
    (ForceKeepsMetadata, &["force_removes_payload_and_metadata"]),
    (ForceTakesANewPosition, &["force_keeps_the_position"]),
    (
        GroupEventByEvent,
        &[
            "a_conflict_anywhere_stores_nothing",
            "a_version_twice_in_a_group_is_a_conflict",
            "a_group_of_100_is_stored_whole",
            "overlapping_groups_are_all_or_nothing",
            "a_dropped_group_is_all_or_nothing",
            "readers_see_groups_whole",
            "any_sequence_matches_the_model",
        ],
    ),
    (GroupSeenTooEarly, &["readers_never_see_a_lost_group"]),
    (GroupAnswersReversed, &["a_group_is_stored_whole", "force_keeps_the_position"]),
    (StopIgnored, &["a_visitor_stops_the_visit"]),
    (VisitWithoutOptions, &["visiting_shows_what_reading_gives", "any_sequence_matches_the_model"]),
    (
        CheckThenForce,
        &["each_version_has_one_winner", "optimistic_writers_lose_nothing", "single_pushes_and_groups_compete"],
    ),
    (BoundsExclusive, &["bounds_are_inclusive", "any_sequence_matches_the_model"]),
    (TokenForgetsOptions, &["tokens_carry_the_options", "pages_follow_one_another"]),
    (TokenWins, &["options_win_over_the_token"]),
    (PagesByTimestampAlone, &["ties_survive_the_end_of_a_page", "any_sequence_matches_the_model"]),
    (TokenAfterTheEnd, &["pages_follow_one_another", "any_sequence_matches_the_model"]),
    (BadTokenIsTheFirstPage, &["invalid_tokens_are_refused"]),
    (IdCut, &["odd_aggregate_ids_are_kept_or_refused"]),
    (TypeLowercased, &["an_event_comes_back_as_it_was_pushed", "any_text_is_an_event_type"]),
    (
        GapsUnchecked,
        &[
            "versions_that_do_not_follow_are_refused",
            "a_gap_anywhere_stores_nothing",
            "aggregates_with_gaps_continue_after_their_last_version",
            "any_sequence_matches_the_model",
        ],
    ),
    (
        GapsInGroupsUnchecked,
        &["versions_that_do_not_follow_are_refused", "a_gap_anywhere_stores_nothing", "any_sequence_matches_the_model"],
    ),
    (AllowGapIsIgnored, &["allowed_gaps_are_stored", "any_sequence_matches_the_model"]),
    (
        GapBeforeConflict,
        &["a_taken_version_is_a_conflict_rather_than_a_gap", "a_conflict_in_a_group_takes_precedence_over_a_gap"],
    ),
    (GapWithoutName, &["versions_that_do_not_follow_are_refused", "a_gap_anywhere_stores_nothing"]),
    (KnownVersionsOutliveGaps, &["an_allowed_gap_counts_for_the_next_push"]),
    (KnownVersionsOfPartialReads, &["partial_reads_do_not_permit_a_gap"]),
    (NewStorageIdEachTime, &["storage_id_is_the_same_for_all_handles"]),
    (AggregatesFillUp, &["commands_on_one_aggregate_get_through"]),
    (OneStorageForAll, &["storage_ids_of_two_storages_differ"]),
];

#[test]
fn every_fault_is_found_and_only_the_fault() {
    let mut wrong = Vec::new();
    for (fault, found_by) in FOUND_BY {
        for name in *found_by {
            if check(name, *fault) {
                wrong.push(format!("{name} passes despite {fault:?}"));
            }
            if !check(name, None) {
                wrong.push(format!("{name} fails without any fault"));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

/// Returns whether the behavior passes for an adapter with this fault.
fn check(name: &str, fault: Fault) -> bool {
    let behavior = BEHAVIORS.iter().find(|behavior| behavior.name == name);
    let behavior = behavior.unwrap_or_else(|| panic!("no behavior {name}"));
    // To find a race or a rare sequence, several attempts may be necessary.
    let attempts = if fault == None { 1 } else { 20 };
    (0..attempts).all(|_| catch_unwind(AssertUnwindSafe(|| behavior.check(&Factory(fault)))).is_ok())
}

struct Factory(Fault);

#[async_trait]
impl StorageFactory for Factory {
    async fn fresh(&self) -> FreshStorage {
        FreshStorage::new(Faulty {
            inner: Arc::new(InMemoryEventStorageAdapter::new()),
            fault: self.0,
            early: Mutex::default(),
            known: Mutex::default(),
        })
    }
}

#[derive(Debug)]
struct Faulty {
    inner: Arc<InMemoryEventStorageAdapter>,
    fault: Fault,
    /// Events of a group that readers see before the group is stored.
    early: Mutex<Vec<RawEvent>>,
    /// The last version of each aggregate that the adapter has cached. Two of the faults use outdated versions.
    known: Mutex<HashMap<String, u64>>,
}

impl Faulty {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn store<'a>(&self, store: &'a str) -> &'a str {
        if self.has(StoreForgotten) { "ONE" } else { store }
    }

    fn id(&self, id: &str) -> String {
        if self.has(IdCut) { id.chars().take(5_000).collect() } else { id.to_owned() }
    }

    async fn spoil(&self, store: &str, mut event: RawEvent, options: &mut PushOptions) -> RawEvent {
        event.aggregate_id = self.id(&event.aggregate_id);
        match self.fault {
            PayloadReserialized => {
                event.payload = event.payload.map(|payload| {
                    let value: Result<serde_json::Value, _> = serde_json::from_str(payload.get());
                    value.map_or(payload, |value| serde_json::value::to_raw_value(&value).unwrap())
                });
            }
            NullIsAbsent => event.payload = event.payload.filter(|payload| payload.get() != "null"),
            MetadataLost => event.metadata = Option::None,
            TypeLowercased => event.event_type = event.event_type.to_lowercase().into(),
            ForceIsIgnored => options.force = false,
            GapsUnchecked => options.allow_gap = true,
            AllowGapIsIgnored => options.allow_gap = false,
            KnownVersionsOutliveGaps | KnownVersionsOfPartialReads if options.refuses_gaps() => {
                let last = self.known.lock().unwrap().get(&event.aggregate_id).copied();
                options.allow_gap = last.is_some_and(|last| last + 1 == event.version);
            }
            ForceKeepsMetadata if options.force && event.metadata.is_none() => {
                let only = GetEventsOptions::default().min_version(event.version).max_version(event.version);
                let old = self.inner.get_events(store, &event.aggregate_id, only).await.unwrap();
                event.metadata = old.into_iter().next().and_then(|old| old.metadata);
            }
            CheckThenForce if !options.force => {
                let old = self.inner.get_events(store, &event.aggregate_id, Default::default()).await;
                let taken = old.unwrap().iter().any(|old| old.version == event.version);
                tokio::time::sleep(Duration::from_millis(1)).await;
                options.force = !taken;
            }
            _ => {}
        }
        event
    }

    async fn refuse_gap(&self, store: &str, event: &RawEvent) -> Result<(), StorageError> {
        let last = GetEventsOptions::default().reverse(true).limit(1);
        let last = self.inner.get_events(store, &event.aggregate_id, last).await?;
        let expected = last.first().map_or(1, |last| last.version + 1);
        if event.version == expected {
            return Ok(());
        }
        Err(VersionGap::new(store, event.aggregate_id.as_str(), expected, event.version).into())
    }

    fn conflict(&self, error: StorageError) -> StorageError {
        match error {
            StorageError::EventAlreadyExists(conflict) if self.has(ConflictWithoutName) => {
                let EventAlreadyExists { event_store_id, version, .. } = conflict;
                StorageError::EventAlreadyExists(EventAlreadyExists::new(event_store_id, "???", version))
            }
            StorageError::VersionGap(gap) if self.has(GapWithoutName) => {
                StorageError::VersionGap(VersionGap::new("???", gap.aggregate_id, gap.expected, gap.given))
            }
            error => error,
        }
    }
}

#[async_trait]
impl DelegatingStorageAdapter for Faulty {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &*self.inner
    }

    fn storage_id(&self) -> StorageId {
        match self.fault {
            NewStorageIdEachTime => StorageId::unique(),
            OneStorageForAll => StorageId::named("one"),
            _ => self.inner.storage_id(),
        }
    }

    async fn get_events(
        &self,
        store: &str,
        id: &str,
        mut options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        let (store, id) = (self.store(store), self.id(id));
        let asked = options;
        match self.fault {
            LimitIgnored => options.limit = Option::None,
            ReverseIgnored => options.reverse = false,
            ZeroIsNoBound => options.max_version = options.max_version.filter(|max| *max > 0),
            LimitBeforeBounds => (options.min_version, options.max_version) = (Option::None, Option::None),
            _ => {}
        }
        let mut events = self.inner.get_events(store, &id, options).await?;
        if self.has(KnownVersionsOutliveGaps) || self.has(KnownVersionsOfPartialReads) && asked != Default::default() {
            let last = events.last().map_or(0, |event| event.version);
            self.known.lock().unwrap().insert(id.clone(), last);
        }
        events.extend(self.early.lock().unwrap().iter().filter(|event| event.aggregate_id == id).cloned());
        events.retain(|event| {
            !self.has(LimitBeforeBounds)
                || asked.min_version.is_none_or(|min| event.version >= min)
                    && asked.max_version.is_none_or(|max| event.version <= max)
        });
        Ok(events)
    }

    async fn visit_events(
        &self,
        store: &str,
        id: &str,
        options: GetEventsOptions,
        mut visit: EventVisitor,
    ) -> Result<(), StorageError> {
        let options = if self.has(VisitWithoutOptions) { Default::default() } else { options };
        for event in DelegatingStorageAdapter::get_events(self, store, id, options).await? {
            if visit(event.as_ref()).is_break() && !self.has(StopIgnored) {
                break;
            }
        }
        Ok(())
    }

    async fn push_event(
        &self,
        store: &str,
        event: RawEvent,
        mut options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        let store = self.store(store);
        if self.has(AggregatesFillUp) && event.version > 20 {
            let (event_store_id, aggregate_id) = (store.to_owned(), event.aggregate_id);
            let conflict = EventAlreadyExists::new(event_store_id, aggregate_id, event.version);
            return Err(StorageError::EventAlreadyExists(conflict));
        }
        if self.has(GapBeforeConflict) && options.refuses_gaps() {
            self.refuse_gap(store, &event).await?;
        }
        let event = self.spoil(store, event, &mut options).await;
        let stored = self.inner.push_event(store, event, options).await;
        let mut stored = stored.map_err(|error| self.conflict(error))?;
        if self.has(ForceTakesANewPosition) && options.force {
            stored.position = stored.position.map(|position| position + 1_000);
        }
        Ok(stored)
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        mut options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        if self.has(GroupEventByEvent) {
            let mut stored = Vec::new();
            for grouped in group {
                stored.push(self.inner.push_event(grouped.event_store_id, grouped.event, options).await?);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            return Ok(stored);
        }
        if self.has(GroupSeenTooEarly) {
            *self.early.lock().unwrap() = group.iter().map(|grouped| grouped.event.clone()).collect();
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.early.lock().unwrap().clear();
        }
        options.allow_gap |= self.has(GapsInGroupsUnchecked);
        let mut spoiled = Vec::new();
        for grouped in group {
            let store = self.store(grouped.event_store_id);
            if self.has(GapBeforeConflict) && options.refuses_gaps() {
                self.refuse_gap(store, &grouped.event).await?;
            }
            spoiled.push(GroupedRawEvent::new(
                self.inner.clone(),
                store,
                self.spoil(store, grouped.event, &mut options).await,
            ));
        }
        let stored = self.inner.push_event_group(spoiled, options).await;
        let mut stored = stored.map_err(|error| self.conflict(error))?;
        if self.has(GroupAnswersReversed) {
            stored.reverse();
        }
        Ok(stored)
    }

    async fn list_aggregate_ids(
        &self,
        store: &str,
        mut options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        let store = self.store(store);
        let token: Option<Result<PageToken, _>> = options.page_token.as_deref().map(serde_json::from_str);
        match self.fault {
            BoundsExclusive => {
                let millisecond = |moment: castore_core::time::Timestamp, by: i64| {
                    castore_core::time::Timestamp::from_unix_millis(moment.unix_millis() + by).unwrap()
                };
                options.initial_event_after = options.initial_event_after.map(|after| millisecond(after, 1));
                options.initial_event_before = options.initial_event_before.map(|before| millisecond(before, -1));
            }
            BadTokenIsTheFirstPage if matches!(token, Some(Err(_))) => options.page_token = Option::None,
            TokenWins => {
                if let Some(Ok(token)) = &token {
                    options.limit = token.limit.or(options.limit);
                    options.initial_event_before = token.initial_event_before.or(options.initial_event_before);
                    options.reverse = token.reverse.or(options.reverse);
                }
            }
            _ => {}
        }
        let limit = options.limit;
        let mut page = self.inner.list_aggregate_ids(store, options).await?;
        if let Some(Ok(token)) = token
            && let (PagesByTimestampAlone, Some(key)) = (self.fault, token.last_evaluated_key)
        {
            page.aggregates.retain(|listed| listed.initial_event_timestamp != key.initial_event_timestamp);
        }
        if let (TokenForgetsOptions, Some(text)) = (self.fault, &page.next_page_token) {
            let PageToken::<LastEvaluatedKey> { last_evaluated_key, .. } = serde_json::from_str(text).unwrap();
            page.next_page_token = PageToken::resolve(&Default::default())
                .ok()
                .zip(last_evaluated_key)
                .map(|(empty, key)| PageToken::next(empty, key));
        }
        if let (TokenAfterTheEnd, Some(last), Some(1..)) = (self.fault, page.aggregates.last(), limit) {
            let key = LastEvaluatedKey {
                aggregate_id: last.aggregate_id.clone(),
                initial_event_timestamp: last.initial_event_timestamp,
            };
            let token = PageToken::resolve(&{
                let mut options = ListAggregateIdsOptions::default();
                options.limit = limit;
                options
            })?;
            page.next_page_token = page.next_page_token.or(Some(token.next(key)));
        }
        Ok(page)
    }
}
