//! Tests of event groups, which are atomic.

use castore_core::storage::{GetEventsOptions, ListAggregateIdsOptions, RawEvent, StorageError};

use super::StorageFactory;
use super::case::{Case, FORCE, NO_FORCE, POKEMONS, TRAINERS, at, expect_conflict, ids};
use super::push::expect_growing;

/// Tests that a group is stored completely. Each event is stored as a single push would store it, and the receipts are
/// in the order of the group.
pub async fn a_group_is_stored_whole(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let bare = RawEvent { payload: None, ..case.event("b", 1) };
    let stored = case
        .group(vec![
            (POKEMONS, case.marked("a", 1, "group")),
            (POKEMONS, bare.clone()),
            (POKEMONS, case.marked("c", 1, "group")),
        ])
        .await;
    case.expect(POKEMONS, "a", &[case.marked("a", 1, "group")]).await;
    case.expect(POKEMONS, "b", &[bare]).await;
    case.expect(POKEMONS, "c", &[case.marked("c", 1, "group")]).await;
    let mut positions: Vec<_> = stored.into_iter().map(|stored| stored.position).collect();
    positions.push(case.push(POKEMONS, case.event("a", 2)).await.position);
    expect_growing(&positions);
}

/// Tests that a group may contain events of several event stores, even with the same aggregate id.
pub async fn a_group_spans_event_stores(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.group(vec![
        (POKEMONS, case.marked("same", 1, "pokemon")),
        (TRAINERS, case.marked("same", 1, "trainer")),
        (TRAINERS, case.marked("other", 1, "trainer")),
    ])
    .await;
    case.expect(POKEMONS, "same", &[case.marked("same", 1, "pokemon")]).await;
    case.expect(TRAINERS, "same", &[case.marked("same", 1, "trainer")]).await;
    case.expect(TRAINERS, "other", &[case.marked("other", 1, "trainer")]).await;
    case.expect(POKEMONS, "other", &[]).await;
}

/// Tests that a group of one event is valid.
pub async fn a_group_of_one_is_stored(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.group(vec![(POKEMONS, case.event("a", 1))]).await;
    case.expect(POKEMONS, "a", &[case.event("a", 1)]).await;
    let again = case.try_group(vec![(POKEMONS, case.event("a", 1))], NO_FORCE).await;
    expect_conflict(again, POKEMONS, &case.id("a"), 1);
}

/// Tests that a group may contain several versions of one aggregate, in any order.
pub async fn versions_of_one_aggregate_may_share_a_group(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.group([1, 2, 3].map(|version| (POKEMONS, case.event("a", version))).into()).await;
    case.group([6, 4, 5].map(|version| (POKEMONS, case.event("a", version))).into()).await;
    case.expect(POKEMONS, "a", &[1, 2, 3, 4, 5, 6].map(|version| case.event("a", version))).await;
}

/// Tests that if any event of a group conflicts, nothing of the group is stored, and the error names that event. Later
/// lists do not contain the new aggregates of the rejected group.
pub async fn a_conflict_anywhere_stores_nothing(factory: &dyn StorageFactory) {
    const NEW: [&str; 5] = ["new0", "new1", "new2", "new3", "new4"];
    let case = Case::new(factory).await;
    case.push(TRAINERS, case.marked("taken", 1, "kept")).await;
    case.push(POKEMONS, case.marked("old", 1, "kept")).await;
    for loser in 0..NEW.len() {
        let group = (0..NEW.len())
            .map(|index| match index {
                _ if index == loser => (TRAINERS, case.marked("taken", 1, "lost")),
                // The group has aggregates that would be new in either store, and an existing aggregate.
                0 => (POKEMONS, case.marked("old", 2, "lost")),
                _ if index % 2 == 0 => (TRAINERS, case.marked(NEW[index], 1, "lost")),
                _ => (POKEMONS, case.marked(NEW[index], 1, "lost")),
            })
            .collect();
        expect_conflict(case.try_group(group, NO_FORCE).await, TRAINERS, &case.id("taken"), 1);
        case.expect(POKEMONS, "old", &[case.marked("old", 1, "kept")]).await;
        case.expect(TRAINERS, "taken", &[case.marked("taken", 1, "kept")]).await;
        for aggregate in NEW {
            case.expect(POKEMONS, aggregate, &[]).await;
            case.expect(TRAINERS, aggregate, &[]).await;
        }
        for (store, only) in [(POKEMONS, "old"), (TRAINERS, "taken")] {
            let page = case.list(store, ListAggregateIdsOptions::default()).await;
            assert_eq!(ids(&page), [case.id(only)], "the list after a group with a conflict at #{loser}");
        }
    }
    // The versions of the rejected groups are still free.
    case.group(vec![
        (POKEMONS, case.event("old", 2)),
        (POKEMONS, case.event("new1", 1)),
        (TRAINERS, case.event("new2", 1)),
    ])
    .await;
}

/// Tests that a group that contains the same version twice is rejected as a conflict, because one of the events would
/// be lost.
pub async fn a_version_twice_in_a_group_is_a_conflict(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let group = vec![
        (POKEMONS, case.marked("a", 1, "one")),
        (POKEMONS, case.marked("b", 1, "one")),
        (POKEMONS, case.marked("a", 1, "two")),
    ];
    expect_conflict(case.try_group(group, NO_FORCE).await, POKEMONS, &case.id("a"), 1);
    case.expect(POKEMONS, "a", &[]).await;
    case.expect(POKEMONS, "b", &[]).await;
    // The same version of the same aggregate id in two stores is not a conflict.
    case.group(vec![(POKEMONS, case.event("a", 1)), (TRAINERS, case.event("a", 1))]).await;
}

/// Tests that a forced group replaces existing versions and stores new ones.
pub async fn a_forced_group_replaces_and_appends(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push_all(POKEMONS, (1..=3).map(|version| case.marked("a", version, "old"))).await;
    let stored = case
        .try_group(
            vec![
                (POKEMONS, case.marked("a", 2, "new")),
                (TRAINERS, case.marked("t", 1, "new")),
                (POKEMONS, case.marked("a", 4, "new")),
            ],
            FORCE,
        )
        .await
        .expect("a forced group");
    assert_eq!(stored.len(), 3, "one receipt per event of the group");
    case.expect(
        POKEMONS,
        "a",
        &[
            case.marked("a", 1, "old"),
            case.marked("a", 2, "new"),
            case.marked("a", 3, "old"),
            case.marked("a", 4, "new"),
        ],
    )
    .await;
    case.expect(TRAINERS, "t", &[case.marked("t", 1, "new")]).await;
}

/// Tests that the storage does not change the timestamps of a group's events. These timestamps may differ.
pub async fn events_of_a_group_keep_their_timestamps(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.group(vec![(POKEMONS, case.initial("late", at(5_000))), (POKEMONS, case.initial("early", at(1)))]).await;
    let page = case.list(POKEMONS, ListAggregateIdsOptions::default()).await;
    assert_eq!(ids(&page), [case.id("early"), case.id("late")]);
}

/// Tests that a group of 100 events of many aggregates in two stores is stored completely, and is rejected completely
/// if its last event conflicts. If groups have a lower maximum length, the group has that length.
pub async fn a_group_of_100_is_stored_whole(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let length = case.capabilities.max_group_len.min(100);
    let group = |version: u64| -> Vec<_> {
        (0..length)
            .map(|index| {
                let store = if index % 3 == 0 { TRAINERS } else { POKEMONS };
                (store, case.event(&format!("a{index}"), version))
            })
            .collect()
    };
    case.group(group(1)).await;
    let (last_store, last) = group(2).pop().expect("a group has events");
    case.push(last_store, last.clone()).await;
    expect_conflict(case.try_group(group(2), NO_FORCE).await, last_store, &last.aggregate_id, 2);
    for (index, (store, event)) in group(1).into_iter().enumerate() {
        let expected = if index + 1 == length { vec![event, last.clone()] } else { vec![event] };
        case.expect(store, &format!("a{index}"), &expected).await;
    }
}

/// Tests that if the length of groups is limited, a longer group is rejected as unsupported and nothing of it is
/// stored, because splitting the group would not be atomic. Without a limit, a long group is stored.
pub async fn a_group_beyond_the_limit_is_refused_whole(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let length = case.capabilities.max_group_len.saturating_add(1).min(1_500);
    let group: Vec<_> = (1..=length as u64).map(|version| (POKEMONS, case.event("many", version))).collect();
    let result = case.try_group(group, NO_FORCE).await;
    let stored = case.get(POKEMONS, "many", GetEventsOptions::default()).await.len();
    match result {
        Ok(_) => assert_eq!(stored, length),
        Err(StorageError::Unsupported { .. }) if length > case.capabilities.max_group_len => assert_eq!(stored, 0),
        Err(error) => panic!("a group of {length}: {error:?}"),
    }
}
