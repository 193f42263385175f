//! Tests that the kit detects faults. Each log has one fault, and the tests of the kit that are listed for
//! the fault must fail.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::log::{BEHAVIORS, FreshLog, LogFactory, LogHandle};
use castore_core::log::{EventLog, LogEnd, LogFilter, LogId, LogPage, LogQuery, WakeUps};
use castore_core::storage::{
    DelegatingStorageAdapter, EventStorageAdapter, PushOptions, PushReceipt, RawEvent, StorageError,
};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    PositionItself,
    LimitIgnored,
    LimitBeforeFilter,
    MoreNever,
    ScannedPastThePage,
    ScannedToTheLastEvent,
    UpToIgnored,
    UpToExclusive,
    ScannedBeyondUpTo,
    TypesIgnored,
    StoreCaseIgnored,
    AggregateOfAnyStore,
    GapsSkipped,
    OldestTwice,
    ByAggregate,
    RewritesNever,
    RewritesByEveryPush,
    RewritesOfTheLogOnly,
    ForceDeliveredAgain,
    EndTooEarly,
    SettledTooFar,
    NewLogIdEachTime,
    OneLogIdForAll,
    NeverWakes,
    PositionsOfPushesOff,
}

use Fault::*;

/// The faults, each with some of the behaviors that must fail because of this fault.
const FOUND_BY: &[(Fault, &[&str])] = &[
    (PositionItself, &["events_are_read_at_the_positions_of_their_pushes", "every_limit_gives_the_same_log"]),
    (LimitIgnored, &["every_limit_gives_the_same_log", "a_limit_of_0_reads_nothing"]),
    (LimitBeforeFilter, &["stores_are_filtered", "any_sequence_matches_the_model"]),
    (MoreNever, &["pages_say_whether_more_follows"]),
    (ScannedPastThePage, &["every_limit_gives_the_same_log", "any_sequence_matches_the_model"]),
    (ScannedToTheLastEvent, &["filter_without_stores_passes_nothing", "sparse_filters_move_on_and_skip_nothing"]),
    (UpToIgnored, &["up_to_is_the_last_position", "one_aggregate_is_read_up_to_a_position"]),
    (UpToExclusive, &["up_to_is_the_last_position", "one_aggregate_is_read_up_to_a_position"]),
    (ScannedBeyondUpTo, &["up_to_is_the_last_position"]),
    (TypesIgnored, &["event_types_are_filtered", "any_event_type_can_be_filtered"]),
    (StoreCaseIgnored, &["stores_are_filtered"]),
    (AggregateOfAnyStore, &["one_aggregate_is_read", "any_store_can_be_filtered"]),
    (GapsSkipped, &["readers_beside_writers_miss_nothing", "the_versions_of_an_aggregate_are_read_in_order"]),
    (OldestTwice, &["reading_again_gives_the_same", "any_sequence_matches_the_model"]),
    (ByAggregate, &["the_log_is_in_the_order_of_pushes", "groups_are_read_in_their_order"]),
    (RewritesNever, &["replacing_an_event_is_a_rewrite", "rewrites_are_seen_by_other_handles"]),
    (RewritesByEveryPush, &["pushes_without_replacement_are_not_rewrites"]),
    (RewritesOfTheLogOnly, &["replacing_an_event_is_a_rewrite", "a_forced_group_rewrites_what_it_replaces"]),
    (ForceDeliveredAgain, &["a_replaced_event_is_not_read_again"]),
    (EndTooEarly, &["the_end_is_after_all_events", "two_handles_have_one_end"]),
    (SettledTooFar, &["starting_at_the_end_reads_only_what_is_new", "an_empty_log_ends_before_its_first_event"]),
    (NewLogIdEachTime, &["the_log_id_is_the_same_for_all_handles"]),
    (OneLogIdForAll, &["log_ids_of_two_storages_differ", "the_id_of_a_dropped_log_is_not_used_again"]),
    (NeverWakes, &["a_push_wakes_a_waiting_reader"]),
    (PositionsOfPushesOff, &["events_are_read_at_the_positions_of_their_pushes", "any_sequence_matches_the_model"]),
];

#[test]
fn every_fault_is_found_and_only_the_fault() {
    // The checks run concurrently, because some faults are only detected by a timeout.
    let wrong = std::thread::scope(|scope| {
        let checks: Vec<_> = FOUND_BY
            .iter()
            .flat_map(|(fault, found_by)| found_by.iter().map(move |name| (*fault, *name)))
            .map(|(fault, name)| scope.spawn(move || wrong(fault, name)))
            .collect();
        checks.into_iter().flat_map(|check| check.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(wrong, [] as [String; 0]);
}

/// Returns the reasons why a behavior does not detect exactly this fault.
fn wrong(fault: Fault, name: &str) -> Vec<String> {
    let passes = check(name, fault).then(|| format!("{name} passes despite {fault:?}"));
    let fails = (!check(name, None)).then(|| format!("{name} fails without any fault"));
    passes.into_iter().chain(fails).collect()
}

/// Returns whether the behavior passes for a log with this fault.
fn check(name: &str, fault: Fault) -> bool {
    let behavior = BEHAVIORS.iter().find(|behavior| behavior.name == name);
    let behavior = behavior.unwrap_or_else(|| panic!("no behavior {name}"));
    // To find a race or a rare sequence, several attempts may be necessary.
    let attempts = if fault == None { 1 } else { 20 };
    (0..attempts).all(|_| catch_unwind(AssertUnwindSafe(|| behavior.check(&Factory(fault)))).is_ok())
}

struct Factory(Fault);

#[async_trait]
impl LogFactory for Factory {
    async fn fresh(&self) -> FreshLog {
        let faulty = Faulty { fault: self.0, ..Faulty::default() };
        FreshLog::new(faulty.clone()).another_handle(move || {
            let faulty = faulty.clone();
            async move { LogHandle::new(faulty) }
        })
    }
}

impl Default for Faulty {
    fn default() -> Self {
        Self { inner: InMemoryEventStorageAdapter::new(), fault: None, hidden: Arc::default(), forced: Arc::default() }
    }
}

#[derive(Debug, Clone)]
struct Faulty {
    inner: InMemoryEventStorageAdapter,
    fault: Fault,
    /// The positions of stored events that are not visible yet.
    hidden: Arc<Mutex<Vec<u64>>>,
    /// The position of the last forced event.
    forced: Arc<AtomicU64>,
}

#[async_trait]
impl EventLog for Faulty {
    async fn log_id(&self) -> Result<LogId, StorageError> {
        match self.fault {
            NewLogIdEachTime => Ok(LogId::new(format!("{:?}", std::time::Instant::now()))),
            OneLogIdForAll => Ok(LogId::new("the log")),
            _ => self.inner.log_id().await,
        }
    }

    async fn read_after(&self, position: u64, query: &LogQuery) -> Result<LogPage, StorageError> {
        let (mut from, mut asked) = (position, query.clone());
        match self.fault {
            PositionItself | OldestTwice => from = position.saturating_sub(1),
            LimitIgnored => asked.limit = usize::MAX,
            LimitBeforeFilter => asked.filter = LogFilter::all(),
            UpToIgnored => asked.up_to = Option::None,
            UpToExclusive => asked.up_to = query.up_to.map(|up_to| up_to.saturating_sub(1)),
            TypesIgnored if query.filter.stores().is_some() => {
                let stores: Vec<_> = query.filter.stores().unwrap().map(|(store, _)| store.to_owned()).collect();
                asked.filter = stores.into_iter().fold(LogFilter::none(), LogFilter::event_store_id);
            }
            StoreCaseIgnored if query.filter.stores().is_some() => {
                let stores: Vec<_> = query.filter.stores().unwrap().map(|(store, _)| store.to_uppercase()).collect();
                asked.filter = stores.into_iter().fold(LogFilter::none(), LogFilter::event_store_id);
            }
            AggregateOfAnyStore => asked.aggregate = Option::None,
            ForceDeliveredAgain => {
                let forced = self.forced.swap(0, Ordering::SeqCst);
                if forced > 0 && forced <= position {
                    from = forced - 1;
                }
            }
            _ => {}
        }
        let mut page = self.inner.read_after(from, &asked).await?;
        match self.fault {
            LimitBeforeFilter => {
                page.events.retain(|entry| query.filter.passes(&entry.event_store_id, &entry.event.event_type));
                // The page claims that all events were scanned.
                page.more = false;
                page.scanned_to =
                    page.scanned_to.max(self.inner.end().await?.last_position.min(query.up_to.unwrap_or(u64::MAX)));
            }
            MoreNever => page.more = false,
            ScannedPastThePage if page.more => page.scanned_to += 1,
            ScannedToTheLastEvent => {
                page.scanned_to = page.events.last().map_or(position, |entry| entry.position);
                // Without this line, the kit would wait for a long time before it fails.
                page.more = page.more || page.scanned_to < self.inner.end().await?.last_position;
            }
            ScannedBeyondUpTo => page.scanned_to = page.scanned_to.max(self.inner.end().await?.last_position),
            AggregateOfAnyStore => page.events.retain(|entry| {
                query.aggregate.as_ref().is_none_or(|one| one.aggregate_id == entry.event.aggregate_id)
            }),
            GapsSkipped => page.events.retain(|entry| !self.hidden.lock().unwrap().contains(&entry.position)),
            ByAggregate => {
                page.events.sort_by(|one, other| one.event.aggregate_id.cmp(&other.event.aggregate_id));
            }
            RewritesNever => page.rewrites = 0,
            RewritesByEveryPush => page.rewrites += self.inner.end().await?.last_position,
            _ => {}
        }
        Ok(page)
    }

    async fn end(&self) -> Result<LogEnd, StorageError> {
        let mut end = self.inner.end().await?;
        match self.fault {
            EndTooEarly => {
                end.last_position = end.last_position.saturating_sub(1);
                end.safe_position = end.last_position;
            }
            SettledTooFar => {
                end.last_position += 1;
                end.safe_position = end.last_position;
            }
            _ => {}
        }
        Ok(end)
    }

    async fn wake_ups(&self) -> WakeUps {
        if self.fault == NeverWakes { WakeUps::none() } else { self.inner.wake_ups().await }
    }
}

#[async_trait]
impl DelegatingStorageAdapter for Faulty {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.inner
    }

    async fn push_event(
        &self,
        store: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        let next = self.inner.end().await?.last_position + 1;
        if self.fault == GapsSkipped {
            // A hidden event simulates a transaction that already has its position, but commits after later
            // transactions.
            self.hidden.lock().unwrap().push(next);
        }
        let pushed = self.inner.push_event(store, event, options).await;
        if self.fault == GapsSkipped {
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.hidden.lock().unwrap().retain(|position| *position != next);
        }
        let mut stored = pushed?;
        match self.fault {
            ForceDeliveredAgain if options.force => self.forced.store(stored.position.unwrap_or(0), Ordering::SeqCst),
            PositionsOfPushesOff => stored.position = stored.position.map(|position| position + 1),
            _ => {}
        }
        Ok(stored)
    }

    async fn rewrite_count(&self, store: &str, id: &str) -> Result<Option<u64>, StorageError> {
        match self.fault {
            RewritesNever => Ok(Some(0)),
            RewritesOfTheLogOnly => Ok(Option::None),
            _ => self.inner.rewrite_count(store, id).await,
        }
    }
}
