use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lru::LruCache;
use tokio::time::Instant;

use super::GetEventsOptions;

/// The maximum number of entries in [`KnownVersions`].
const CAPACITY: usize = 10_000;

/// The time for which the last version of an aggregate is considered known after the storage was queried.
const VALIDITY: Duration = Duration::from_secs(5);

/// A cache of the last versions of the aggregates that an adapter has recently read or stored.
///
/// With this cache, an adapter that rejects version gaps does not have to look up the last version for each push. Most
/// pushes follow a read or a push by the same adapter. A push of exactly the next version can then be a plain insert,
/// because the storage rejects a taken version anyway. All other pushes must look up the last version.
///
/// The cache does not see all changes of the storage: another program may remove events, or store an event after a gap.
/// Therefore an entry is valid only for 5 seconds after the storage was queried. A push that relies on an entry
/// advances the version of the entry, but does not extend its validity. Thus, if a table is truncated or restored while
/// programs use it, these programs reject gaps again after 5 seconds. The cache holds 10,000 aggregates and evicts the
/// least recently used ones.
///
/// An adapter takes the current [moment](Self::now) *before* it sends a statement, and then records the result
/// with this moment. The adapter removes the entry of an aggregate if a push failed or has an unknown outcome, and both
/// before and after a push that may leave a gap. After a removal, the results of all statements that were running at
/// that time are ignored, because such a statement may have read the aggregate before the change.
#[derive(Debug)]
pub struct KnownVersions {
    hasher: RandomState,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The entries, by the hash of event store and aggregate. If two aggregates have the same hash, the later entry
    /// replaces the earlier one.
    entries: LruCache<u64, Known>,
    removals: u64,
}

#[derive(Debug)]
struct Known {
    event_store_id: Box<str>,
    aggregate_id: Box<str>,
    version: u64,
    asked_at: Instant,
}

impl Known {
    fn is_of(&self, event_store_id: &str, aggregate_id: &str) -> bool {
        *self.event_store_id == *event_store_id && *self.aggregate_id == *aggregate_id
    }
}

/// The moment at which a statement was sent to the storage. See [`KnownVersions::now`].
#[derive(Debug, Clone, Copy)]
pub struct AskedAt {
    instant: Instant,
    /// The number of removals up to this moment.
    removals: u64,
}

impl KnownVersions {
    /// Creates an empty cache.
    pub fn new() -> Self {
        // `LruCache::new` would allocate the memory for all entries at once.
        let state = State { entries: LruCache::unbounded(), removals: 0 };
        Self { hasher: RandomState::new(), state: Mutex::new(state) }
    }

    /// Returns the current moment. Call this method before a statement is sent, and record the result of the statement
    /// with the returned moment.
    pub fn now(&self) -> AskedAt {
        let removals = self.state().removals;
        AskedAt { instant: Instant::now(), removals }
    }

    /// Returns the moment at which the storage was queried, if `version` is known to be the next version of the
    /// aggregate. Record the result of the push with this moment, so that the push does not extend the validity of the
    /// entry.
    pub fn is_next(&self, event_store_id: &str, aggregate_id: &str, version: u64) -> Option<AskedAt> {
        let hash = self.hash(event_store_id, aggregate_id);
        let mut state = self.state();
        let removals = state.removals;
        let known = state.entries.get(&hash).filter(|known| known.is_of(event_store_id, aggregate_id))?;
        let is_next = known.version.checked_add(1) == Some(version) && known.asked_at.elapsed() < VALIDITY;
        is_next.then_some(AskedAt { instant: known.asked_at, removals })
    }

    /// Records the last version of an aggregate, which a statement has read or written. `asked_at` is the moment before
    /// that statement was sent, and `version` is 0 if the aggregate has no events. Has no effect if the result of a
    /// later statement was already recorded, or if any entry was removed since `asked_at`.
    pub fn record(&self, asked_at: AskedAt, event_store_id: &str, aggregate_id: &str, version: u64) {
        let hash = self.hash(event_store_id, aggregate_id);
        let mut state = self.state();
        if state.removals != asked_at.removals {
            return;
        }
        if let Some(known) = state.entries.get_mut(&hash)
            && known.is_of(event_store_id, aggregate_id)
        {
            if known.asked_at <= asked_at.instant {
                (known.version, known.asked_at) = (version, asked_at.instant);
            }
            return;
        }
        let known = Known {
            event_store_id: event_store_id.into(),
            aggregate_id: aggregate_id.into(),
            version,
            asked_at: asked_at.instant,
        };
        state.entries.put(hash, known);
        if state.entries.len() > CAPACITY {
            state.entries.pop_lru();
        }
    }

    /// Records the result of a completed read. `last` is the version of the last event that was read. The result is
    /// recorded only if the read included the last event of the aggregate.
    pub fn record_read(
        &self,
        asked_at: AskedAt,
        event_store_id: &str,
        aggregate_id: &str,
        options: &GetEventsOptions,
        last: Option<u64>,
    ) {
        if options.reverse || options.max_version.is_some() || options.limit.is_some() {
            return;
        }
        // If a read that starts after version 1 returns no events, there may still be events of earlier versions.
        let last = last.or(options.min_version.is_none_or(|first| first <= 1).then_some(0));
        if let Some(last) = last {
            self.record(asked_at, event_store_id, aggregate_id, last);
        }
    }

    /// Removes the entry of an aggregate.
    pub fn remove(&self, event_store_id: &str, aggregate_id: &str) {
        let hash = self.hash(event_store_id, aggregate_id);
        let mut state = self.state();
        state.removals = state.removals.wrapping_add(1);
        state.entries.pop(&hash);
    }

    /// Removes the entries of all aggregates.
    pub fn clear(&self) {
        let mut state = self.state();
        state.removals = state.removals.wrapping_add(1);
        state.entries.clear();
    }

    fn hash(&self, event_store_id: &str, aggregate_id: &str) -> u64 {
        self.hasher.hash_one((event_store_id, aggregate_id))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, so the state is consistent even if the lock is poisoned.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for KnownVersions {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use tokio::time::advance;

    use super::*;

    const STORE: &str = "STORE";
    const ALL: GetEventsOptions = GetEventsOptions::new();

    fn is_known(known: &KnownVersions, aggregate_id: &str, last: u64) -> bool {
        known.is_next(STORE, aggregate_id, last + 1).is_some()
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_next_version_of_the_recorded_aggregate_is_next() {
        let known = KnownVersions::new();
        assert!(known.is_next(STORE, "a", 1).is_none());
        known.record(known.now(), STORE, "a", 3);
        for (store, aggregate, version, next) in [
            (STORE, "a", 4, true),
            (STORE, "a", 3, false),
            (STORE, "a", 5, false),
            (STORE, "b", 4, false),
            ("OTHER", "a", 4, false),
            ("STOREa", "", 4, false),
        ] {
            assert_eq!(known.is_next(store, aggregate, version).is_some(), next, "{store} {aggregate} {version}");
        }
        known.record(known.now(), STORE, "a", u64::MAX);
        assert!(known.is_next(STORE, "a", 0).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_entry_expires_5_seconds_after_the_storage_was_asked() {
        let known = KnownVersions::new();
        let asked_at = known.now();
        advance(Duration::from_millis(4_000)).await;
        known.record(asked_at, STORE, "a", 1);
        advance(Duration::from_millis(999)).await;
        // A push that relied on the entry does not extend it.
        let asked_at = known.is_next(STORE, "a", 2).unwrap();
        known.record(asked_at, STORE, "a", 2);
        assert!(is_known(&known, "a", 2));
        advance(Duration::from_millis(1)).await;
        assert!(!is_known(&known, "a", 2));
        known.record(known.now(), STORE, "a", 2);
        assert!(is_known(&known, "a", 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_removal_cancels_the_records_of_running_statements() {
        for remove in [|known: &KnownVersions| known.remove(STORE, "b"), KnownVersions::clear] {
            let known = KnownVersions::new();
            known.record(known.now(), STORE, "a", 1);
            known.record(known.now(), STORE, "b", 1);
            let read = known.now();
            let push = known.is_next(STORE, "b", 2).unwrap();
            remove(&known);
            known.record(read, STORE, "b", 1);
            known.record(push, STORE, "b", 2);
            assert!(!is_known(&known, "b", 1) && !is_known(&known, "b", 2));
            known.record(known.now(), STORE, "b", 10);
            assert!(is_known(&known, "b", 10));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_read_does_not_replace_a_later_record() {
        let known = KnownVersions::new();
        let slow = known.now();
        advance(Duration::from_millis(1)).await;
        known.record(known.now(), STORE, "a", 5);
        known.record(slow, STORE, "a", 3);
        assert!(is_known(&known, "a", 5));
    }

    #[tokio::test(start_paused = true)]
    async fn only_reads_that_include_the_last_event_are_recorded() {
        for (options, last, recorded) in [
            (ALL, Some(3), Some(3)),
            (ALL, None, Some(0)),
            (ALL.min_version(2), Some(3), Some(3)),
            (ALL.min_version(1), None, Some(0)),
            (ALL.min_version(2), None, None),
            (ALL.max_version(3), Some(3), None),
            (ALL.limit(3), Some(3), None),
            (ALL.reverse(true), Some(3), None),
        ] {
            let known = KnownVersions::new();
            known.record_read(known.now(), STORE, "a", &options, last);
            let found = (0..5).find(|last| is_known(&known, "a", *last));
            assert_eq!(found, recorded, "{options:?}, {last:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_least_recently_used_aggregate_is_evicted() {
        let known = KnownVersions::new();
        for aggregate in 0..CAPACITY {
            known.record(known.now(), STORE, &aggregate.to_string(), 1);
        }
        assert!(is_known(&known, "0", 1));
        known.record(known.now(), STORE, "another", 1);
        assert!(is_known(&known, "0", 1) && is_known(&known, "another", 1));
        assert!(!is_known(&known, "1", 1));
        assert_eq!(known.state().entries.len(), CAPACITY);
    }

    /// A statement for one of two aggregates, or a period of waiting.
    #[derive(Debug, Clone)]
    enum Step {
        Push {
            aggregate: usize,
            version: u64,
        },
        /// A push that may leave a gap, by this adapter or by another program.
        PushAnywhere {
            aggregate: usize,
            version: u64,
            by_this: bool,
        },
        BeginRead {
            aggregate: usize,
        },
        EndRead,
        Wait {
            millis: u64,
        },
    }

    fn step() -> impl Strategy<Value = Step> {
        let (aggregate, version) = (0..2_usize, 1..8_u64);
        prop_oneof![
            6 => (aggregate.clone(), version.clone()).prop_map(|(aggregate, version)| Step::Push { aggregate, version }),
            1 => (aggregate.clone(), version, any::<bool>()).prop_map(|(aggregate, version, by_this)| Step::PushAnywhere {
                aggregate,
                version,
                by_this
            }),
            2 => aggregate.prop_map(|aggregate| Step::BeginRead { aggregate }),
            2 => Just(Step::EndRead),
            2 => (0..3_000_u64).prop_map(|millis| Step::Wait { millis }),
        ]
    }

    proptest! {
        /// Compares an adapter that uses the cache with an adapter that looks up the last version for each push. The
        /// two adapters may differ only within 5 seconds after a push by another program.
        #[test]
        fn pushes_are_refused_as_if_each_were_checked(steps in proptest::collection::vec(step(), 1..60)) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            runtime.block_on(async {
                let known = KnownVersions::new();
                let mut stored: HashMap<usize, Vec<u64>> = HashMap::new();
                let last = |stored: &HashMap<usize, Vec<u64>>, aggregate: usize| {
                    stored.get(&aggregate).and_then(|versions| versions.iter().max().copied()).unwrap_or(0)
                };
                let mut reads = Vec::new();
                let mut others_until = Instant::now();
                for step in steps {
                    match step {
                        Step::Push { aggregate, version } => {
                            let id = aggregate.to_string();
                            let last = last(&stored, aggregate);
                            let versions = stored.entry(aggregate).or_default();
                            let next = known.is_next(STORE, &id, version);
                            let asked_at = next.unwrap_or_else(|| known.now());
                            let may_store = next.is_some() || version == last + 1;
                            if versions.contains(&version) || !may_store {
                                known.remove(STORE, &id);
                                continue;
                            }
                            if Instant::now() >= others_until {
                                assert_eq!(version, last + 1, "a gap was stored");
                            }
                            versions.push(version);
                            known.record(asked_at, STORE, &id, version);
                        }
                        Step::PushAnywhere { aggregate, version, by_this } => {
                            stored.entry(aggregate).or_default().push(version);
                            if by_this {
                                known.remove(STORE, &aggregate.to_string());
                            } else {
                                others_until = Instant::now() + VALIDITY;
                            }
                        }
                        Step::BeginRead { aggregate } => {
                            reads.push((known.now(), aggregate, last(&stored, aggregate)));
                        }
                        Step::EndRead => if let Some((asked_at, aggregate, last)) = reads.pop() {
                            let last = (last > 0).then_some(last);
                            known.record_read(asked_at, STORE, &aggregate.to_string(), &ALL, last);
                        },
                        Step::Wait { millis } => advance(Duration::from_millis(millis)).await,
                    }
                }
            });
        }
    }
}
