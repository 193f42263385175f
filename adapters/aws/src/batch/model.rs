//! Property tests of batches with random entries and outcomes, against a simulated service that records what it
//! stores.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use castore_core::channel::PublishError;
use proptest::prelude::*;

use super::*;
use crate::RequestPolicy;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Kept,
    Failed,
    Refused,
}

/// The simulated outcome of one batch.
#[derive(Debug, Clone)]
enum Reply {
    /// An outcome for each entry.
    Entries(Vec<Fate>),
    Outage,
    /// Batches of several entries are rejected, and single entries are stored.
    Malformed,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![6 => Just(Fate::Kept), 2 => Just(Fate::Failed), 1 => Just(Fate::Refused)]
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        20 => prop::collection::vec(fate(), 5).prop_map(Reply::Entries),
        1 => Just(Reply::Outage),
        1 => Just(Reply::Malformed),
    ]
}

#[derive(Debug, Default)]
struct Service {
    replies: Vec<Reply>,
    /// The number of entries in flight, by group.
    flying: BTreeMap<u8, usize>,
    /// The stored entries, in order.
    kept: Vec<(u8, usize)>,
    wrong: Vec<String>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_is_lost_and_order_is_kept(
        entries in prop::collection::vec((0_u8..4, 1_usize..60), 0..30),
        replies in prop::collection::vec(reply(), 60),
        delays in prop::collection::vec(0_u64..3, 60),
        ordered: bool,
        in_flight in 1_usize..4,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let limits = BatchLimits { entries: 5, bytes: 50, in_flight, ordered };
        let policy = RequestPolicy::default().attempts(3).backoff(Duration::from_millis(1), Duration::from_millis(2));
        let service = Mutex::new(Service { replies, ..Service::default() });
        let delays = Mutex::new(delays);
        let batch: Vec<_> = entries.iter().enumerate().map(|(index, (group, bytes))| BatchEntry {
            group: *group,
            content: Ok((*group, index, *bytes)),
            bytes: *bytes,
        }).collect();
        let sent = publish_in_batches(batch, limits, &policy, |batch| {
            let reply = {
                let mut service = service.lock().unwrap();
                let bytes: usize = batch.iter().map(|entry| entry.2).sum();
                if batch.is_empty() || batch.len() > 5 || bytes > 50 {
                    service.wrong.push(format!("a batch of {} entries, {bytes} bytes", batch.len()));
                }
                for entry in &batch {
                    let flying = service.flying.entry(entry.0).or_default();
                    *flying += 1;
                    if ordered && *flying > 1 {
                        service.wrong.push(format!("two entries of group {} are in flight", entry.0));
                    }
                }
                service.replies.pop().unwrap_or_else(|| Reply::Entries(vec![Fate::Kept; 5]))
            };
            let delay = delays.lock().unwrap().pop().unwrap_or(0);
            let service = &service;
            async move {
                tokio::time::sleep(Duration::from_millis(delay)).await;
                let mut service = service.lock().unwrap();
                for entry in &batch {
                    *service.flying.entry(entry.0).or_default() -= 1;
                }
                let fates = match reply {
                    Reply::Outage => return Err(BatchFailure::Outage("away".into())),
                    Reply::Malformed if batch.len() > 1 => return Err(BatchFailure::Malformed("malformed".into())),
                    Reply::Malformed => vec![Fate::Kept],
                    Reply::Entries(fates) => fates,
                };
                Ok(batch.iter().zip(fates).map(|(entry, fate)| match fate {
                    Fate::Kept => {
                        service.kept.push((entry.0, entry.1));
                        EntryOutcome::Published
                    }
                    Fate::Failed => EntryOutcome::Retryable("failed".into()),
                    Fate::Refused => EntryOutcome::Refused("refused".into()),
                }).collect())
            }
        });
        let ended = runtime.block_on(sent);
        let service = service.into_inner().unwrap();
        prop_assert!(service.wrong.is_empty(), "{:?}", service.wrong);
        let kept: BTreeSet<_> = service.kept.iter().map(|(_, index)| *index).collect();
        prop_assert_eq!(kept.len(), service.kept.len(), "kept twice");
        let rejected: BTreeMap<_, _> = match ended {
            Ok(()) => BTreeMap::new(),
            Err(PublishError::Broker(_)) => {
                prop_assert!(kept.is_empty(), "an outage although a message was published");
                return Ok(());
            }
            Err(PublishError::Rejected { total, rejected }) => {
                prop_assert_eq!(total, entries.len());
                prop_assert!(rejected.is_sorted_by(|one, other| one.index < other.index), "named twice");
                rejected.into_iter().map(|rejected| (rejected.index, rejected)).collect()
            }
            Err(other) => panic!("{other}"),
        };
        for (index, (_, bytes)) in entries.iter().enumerate() {
            let rejected = rejected.get(&index);
            prop_assert_ne!(kept.contains(&index), rejected.is_some(), "{} lost, or told both ways", index);
            let too_large = rejected.is_some_and(|rejected| rejected.permanent && rejected.reason.is::<EntryTooLargeError>());
            if !ordered {
                prop_assert_eq!(too_large, *bytes > 50);
            }
            prop_assert!(*bytes <= 50 || !kept.contains(&index));
        }
        if ordered {
            for group in 0..4 {
                let of_group: Vec<_> = service.kept.iter().filter(|kept| kept.0 == group).map(|kept| kept.1).collect();
                prop_assert!(of_group.is_sorted(), "group {}: {:?}", group, of_group);
                let first_refused = rejected.keys().find(|index| entries[**index].0 == group);
                let last_kept = of_group.last();
                prop_assert!(first_refused.is_none_or(|refused| last_kept.is_none_or(|kept| kept < refused)), "not held back");
            }
        }
    }
}
