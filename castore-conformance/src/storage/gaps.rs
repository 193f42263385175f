//! Tests of pushes whose versions do not follow the last version of the aggregate.

use castore_core::storage::RawEvent;

use super::StorageFactory;
use super::capabilities::VersionGaps;
use super::case::{ALL, ALLOW_GAP, Case, FORCE, NO_FORCE, POKEMONS, TRAINERS, expect_conflict, expect_gap};

/// Returns a case with a new storage, or `None` if the storage does not check for gaps.
async fn checked(factory: &dyn StorageFactory) -> Option<Case> {
    let case = Case::new(factory).await;
    (case.capabilities.version_gaps != VersionGaps::Unchecked).then_some(case)
}

/// Returns a case with a new storage, or `None` if the storage accepts unused versions below the last version of an
/// aggregate.
async fn strict(factory: &dyn StorageFactory) -> Option<Case> {
    let case = Case::new(factory).await;
    (case.capabilities.version_gaps == VersionGaps::Refused).then_some(case)
}

/// Tests that an event that leaves a gap after the last version of its aggregate is rejected, both singly and in a
/// group. The error names the event and the next version, and nothing is stored.
pub async fn versions_that_do_not_follow_are_refused(factory: &dyn StorageFactory) {
    let Some(case) = checked(factory).await else { return };
    // The events of other aggregates must not affect the check.
    case.push_all(TRAINERS, [1, 2, 3, 4].map(|version| case.event("a", version))).await;
    case.push_all(POKEMONS, [1, 2].map(|version| case.event("b", version))).await;
    let a = case.id("a");
    for given in [2, 5, 1_000_000] {
        let event = case.event("a", given);
        expect_gap(case.try_push(POKEMONS, event.clone()).await, POKEMONS, &a, (1, given));
        expect_gap(case.try_group(vec![(POKEMONS, event)], NO_FORCE).await, POKEMONS, &a, (1, given));
    }
    case.expect(POKEMONS, "a", &[]).await;
    for version in 1..=4 {
        case.push(POKEMONS, case.event("a", version)).await;
        for given in [version + 2, version + 7] {
            let event = case.event("a", given);
            expect_gap(case.try_push(POKEMONS, event.clone()).await, POKEMONS, &a, (version + 1, given));
            let result = case.try_group(vec![(POKEMONS, event)], NO_FORCE).await;
            expect_gap(result, POKEMONS, &a, (version + 1, given));
        }
    }
    case.expect(POKEMONS, "a", &[1, 2, 3, 4].map(|version| case.event("a", version))).await;
}

/// Tests that with `allow_gap` or `force`, any version can be stored, both singly and in a group. With `allow_gap`, a
/// taken version is still a conflict.
pub async fn allowed_gaps_are_stored(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    for version in [3, 4, 10] {
        case.push_anywhere(POKEMONS, case.event("alone", version)).await;
    }
    case.force(POKEMONS, case.event("alone", 1_000_000)).await;
    case.expect(POKEMONS, "alone", &[3, 4, 10, 1_000_000].map(|version| case.event("alone", version))).await;
    let again = case.adapter.push_event(POKEMONS, case.event("alone", 4), ALLOW_GAP).await;
    expect_conflict(again, POKEMONS, &case.id("alone"), 4);
    let group = |versions: &[u64]| versions.iter().map(|version| (POKEMONS, case.event("group", *version))).collect();
    case.try_group(group(&[7, 2]), ALLOW_GAP).await.expect("a group with gaps");
    case.try_group(group(&[12]), FORCE).await.expect("a forced group with a gap");
    case.expect(POKEMONS, "group", &[2, 7, 12].map(|version| case.event("group", version))).await;
    expect_conflict(case.try_group(group(&[1, 7]), ALLOW_GAP).await, POKEMONS, &case.id("group"), 7);
}

/// Tests that a push with a taken version fails with a conflict error, even if the aggregate has gaps. Commands are
/// retried after a conflict error, but not after a gap error.
pub async fn a_taken_version_is_a_conflict_rather_than_a_gap(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let versions = [1, 2, 5, 6];
    for version in versions {
        case.push_anywhere(POKEMONS, case.event("a", version)).await;
    }
    for version in versions {
        let event = case.marked("a", version, "late");
        expect_conflict(case.try_push(POKEMONS, event.clone()).await, POKEMONS, &case.id("a"), version);
        let result = case.try_group(vec![(POKEMONS, event)], NO_FORCE).await;
        expect_conflict(result, POKEMONS, &case.id("a"), version);
    }
    case.expect(POKEMONS, "a", &versions.map(|version| case.event("a", version))).await;
}

/// Tests that if an event of a group leaves a gap, nothing of the group is stored, regardless of the event's place in
/// the group. Events of one aggregate whose versions follow one another leave no gap, in any order.
pub async fn a_gap_anywhere_stores_nothing(factory: &dyn StorageFactory) {
    let Some(case) = checked(factory).await else { return };
    case.push(POKEMONS, case.event("old", 1)).await;
    let old = |version| (POKEMONS, case.event("old", version));
    let follows = |store, aggregate: &str| (store, case.event(aggregate, 1));
    for (place, (event, gap)) in [
        (old(3), (2, 3)),
        ((TRAINERS, case.event("headless", 2)), (1, 2)),
        ((POKEMONS, case.event("headless", 9)), (1, 9)),
    ]
    .into_iter()
    .enumerate()
    {
        let mut group = vec![follows(POKEMONS, "new"), follows(TRAINERS, "new")];
        let (store, aggregate_id) = (event.0, event.1.aggregate_id.clone());
        group.insert(place, event);
        expect_gap(case.try_group(group, NO_FORCE).await, store, &aggregate_id, gap);
    }
    // These groups have a gap between their own versions or before their first version.
    for (versions, gap) in [(&[2, 4][..], (3, 4)), (&[5, 2, 3], (4, 5)), (&[3, 4], (2, 3)), (&[4, 3], (2, 3))] {
        let group = versions.iter().map(|version| old(*version)).chain([follows(TRAINERS, "new")]).collect();
        expect_gap(case.try_group(group, NO_FORCE).await, POKEMONS, &case.id("old"), gap);
    }
    for (store, aggregate) in [(POKEMONS, "new"), (TRAINERS, "new"), (POKEMONS, "headless"), (TRAINERS, "headless")] {
        case.expect(store, aggregate, &[]).await;
    }
    case.expect(POKEMONS, "old", &[case.event("old", 1)]).await;
    case.group([4, 2, 3].map(old).into_iter().chain([follows(TRAINERS, "new")]).collect()).await;
    case.expect(POKEMONS, "old", &[1, 2, 3, 4].map(|version| case.event("old", version))).await;
}

/// Tests that if one event of a group conflicts and another event leaves a gap, the group fails with the conflict
/// error, regardless of their order.
pub async fn a_conflict_in_a_group_takes_precedence_over_a_gap(factory: &dyn StorageFactory) {
    let Some(case) = checked(factory).await else { return };
    case.push_all(POKEMONS, [1, 2].map(|version| case.event("a", version))).await;
    let taken = (POKEMONS, case.marked("a", 2, "late"));
    for gap in [(POKEMONS, case.event("a", 4)), (POKEMONS, case.event("b", 2)), (TRAINERS, case.event("a", 3))] {
        for group in [vec![taken.clone(), gap.clone()], vec![gap.clone(), taken.clone()]] {
            expect_conflict(case.try_group(group, NO_FORCE).await, POKEMONS, &case.id("a"), 2);
        }
    }
    case.expect(POKEMONS, "a", &[1, 2].map(|version| case.event("a", version))).await;
}

/// Tests that if the stored events of an aggregate have gaps, for example because another program wrote them, pushes
/// continue after the last version. An event that fills a gap would change the history of the aggregate, so it is
/// rejected, too, unless `allow_gap` is set or the storage waives this check.
pub async fn aggregates_with_gaps_continue_after_their_last_version(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    for version in [2, 5] {
        case.push_anywhere(POKEMONS, case.event("a", version)).await;
    }
    case.push(POKEMONS, case.event("a", 6)).await;
    case.group([8, 7].map(|version| (POKEMONS, case.event("a", version))).into()).await;
    if case.capabilities.version_gaps == VersionGaps::Refused {
        for given in [1, 3, 4] {
            let event: RawEvent = case.event("a", given);
            expect_gap(case.try_push(POKEMONS, event.clone()).await, POKEMONS, &case.id("a"), (9, given));
            let result = case.try_group(vec![(POKEMONS, event)], NO_FORCE).await;
            expect_gap(result, POKEMONS, &case.id("a"), (9, given));
        }
    }
    case.expect(POKEMONS, "a", &[2, 5, 6, 7, 8].map(|version| case.event("a", version))).await;
    case.push_anywhere(POKEMONS, case.event("a", 4)).await;
    case.expect(POKEMONS, "a", &[2, 4, 5, 6, 7, 8].map(|version| case.event("a", version))).await;
}

/// Tests that an event beyond a gap counts for the next push immediately, even if the adapter has cached an earlier
/// last version of the aggregate during a push or a read.
pub async fn an_allowed_gap_counts_for_the_next_push(factory: &dyn StorageFactory) {
    let Some(case) = strict(factory).await else { return };
    for learned_by in ["push", "group", "read", "visit"] {
        for (kind, options) in [("allowed", ALLOW_GAP), ("forced", FORCE)] {
            for grouped in [false, true] {
                let aggregate = &format!("{learned_by}-{kind}-{grouped}");
                let event = |version| (POKEMONS, case.event(aggregate, version));
                match learned_by {
                    "group" => drop(case.group([1, 2].map(event).into()).await),
                    _ => case.push_all(POKEMONS, [1, 2].map(|version| case.event(aggregate, version))).await,
                }
                match learned_by {
                    "read" => drop(case.get(POKEMONS, aggregate, ALL).await),
                    "visit" => drop(case.visit(POKEMONS, aggregate, ALL, usize::MAX).await.expect("a visit")),
                    _ => {}
                }
                if grouped {
                    case.try_group(vec![event(10)], options).await.expect("a group with a gap");
                } else {
                    case.adapter.push_event(POKEMONS, event(10).1, options).await.expect("an event with a gap");
                }
                let id = case.id(aggregate);
                expect_gap(case.try_push(POKEMONS, event(3).1).await, POKEMONS, &id, (11, 3));
                expect_gap(case.try_group(vec![event(3)], NO_FORCE).await, POKEMONS, &id, (11, 3));
                case.push(POKEMONS, event(11).1).await;
                case.expect(POKEMONS, aggregate, &[1, 2, 10, 11].map(|version| event(version).1)).await;
            }
        }
    }
}

/// Tests that the adapter does not infer the next version of an aggregate from a read that does not include the last
/// event of the aggregate.
pub async fn partial_reads_do_not_permit_a_gap(factory: &dyn StorageFactory) {
    let Some(case) = strict(factory).await else { return };
    for (number, (options, given)) in [
        (ALL.limit(1), 3),
        (ALL.max_version(3), 3),
        (ALL.max_version(1), 1),
        (ALL.min_version(6), 1),
        (ALL.reverse(true), 3),
    ]
    .into_iter()
    .enumerate()
    {
        let aggregate = &format!("partial-{number}");
        for version in [2, 5] {
            case.push_anywhere(POKEMONS, case.event(aggregate, version)).await;
        }
        case.get(POKEMONS, aggregate, options).await;
        case.visit(POKEMONS, aggregate, options, usize::MAX).await.expect("a visit");
        let refused = case.try_push(POKEMONS, case.event(aggregate, given)).await;
        expect_gap(refused, POKEMONS, &case.id(aggregate), (6, given));
    }
    for version in [2, 5] {
        case.push_anywhere(POKEMONS, case.event("stopped", version)).await;
    }
    case.visit(POKEMONS, "stopped", ALL, 1).await.expect("a visit");
    expect_gap(case.try_push(POKEMONS, case.event("stopped", 3)).await, POKEMONS, &case.id("stopped"), (6, 3));
    case.get(POKEMONS, "new", ALL.min_version(2)).await;
    expect_gap(case.try_push(POKEMONS, case.event("new", 2)).await, POKEMONS, &case.id("new"), (1, 2));
}
