//! Tests of event groups in the log.

use super::LogFactory;
use super::case::{LogCase, SeenEntry, position};
use crate::storage::case::{FORCE, NO_FORCE, POKEMONS, TRAINERS};

type Group = Vec<(&'static str, castore_core::storage::RawEvent)>;

async fn logged(case: &LogCase, group: Group) -> Vec<SeenEntry> {
    let stored = case.group(group.clone()).await;
    group.iter().zip(stored).map(|((store, event), stored)| case.entry(position(stored), store, event)).collect()
}

/// Tests that the events of a group are adjacent, in the order of the group, across aggregates and event stores.
pub async fn groups_are_read_in_their_order(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut expected = vec![case.logged(POKEMONS, case.event("before", 1)).await];
    let group = vec![
        (TRAINERS, case.event("z", 1)),
        (POKEMONS, case.event("b", 1)),
        (TRAINERS, case.event("a", 1)),
        (POKEMONS, case.event("a", 1)),
    ];
    expected.extend(logged(&case, group).await);
    expected.push(case.logged(POKEMONS, case.event("before", 2)).await);
    assert!(expected.is_sorted_by_key(|entry| entry.0), "positions are in the order of the group: {expected:?}");
    case.expect_log(expected[5].0, &expected).await;
}

/// Tests that the events of one aggregate in a group are read in the order of their versions.
pub async fn versions_of_a_group_are_in_order(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let group = (1..=8).map(|version| (POKEMONS, case.event("a", version))).collect();
    let expected = logged(&case, group).await;
    case.expect_log(expected[7].0, &expected).await;
}

/// Tests that a rejected group adds no event to the log, not even those events that did not conflict.
pub async fn a_group_that_loses_is_not_read(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let first = case.logged(POKEMONS, case.event("a", 1)).await;
    for place in 0..3 {
        let mut group: Group =
            vec![(POKEMONS, case.event("b", 1)), (TRAINERS, case.event("c", 1)), (TRAINERS, case.event("d", 1))];
        group.insert(place, (POKEMONS, case.marked("a", 1, "loses")));
        case.try_group(group, NO_FORCE).await.expect_err("a group with a taken version");
    }
    let second = case.logged(POKEMONS, case.event("a", 2)).await;
    case.expect_log(second.0, &[first, second.clone()]).await;
}

/// Tests that a forced group replaces existing events in place and appends the other events. A reader that has already
/// passed the replaced events receives only the appended events.
pub async fn a_forced_group_appends_what_is_new(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let old = [
        case.logged(POKEMONS, case.marked("a", 1, "old")).await,
        case.logged(TRAINERS, case.marked("b", 1, "old")).await,
    ];
    let group = vec![
        (POKEMONS, case.marked("a", 2, "new")),
        (TRAINERS, case.marked("b", 1, "new")),
        (TRAINERS, case.marked("b", 2, "new")),
    ];
    let stored = case.try_group(group.clone(), FORCE).await.expect("a forced group");
    let new: Vec<_> =
        group.iter().zip(stored).map(|((store, event), stored)| case.entry(position(stored), store, event)).collect();
    assert_eq!(new[1].0, old[1].0, "a replaced event keeps its position");
    let last = new[0].0.max(new[2].0);
    case.expect_log(last, &[old[0].clone(), new[1].clone(), new[0].clone(), new[2].clone()]).await;
    let rest = case.read_to(last, old[1].0, &super::case::all()).await;
    assert_eq!(rest, [new[0].clone(), new[2].clone()], "for a reader that is past the replaced event");
}
