//! Tests of storage ids and of durability.

use castore_core::storage::{ListAggregateIdsOptions, PushOptions};

use super::StorageFactory;
use super::case::{Case, NO_FORCE, POKEMONS, TRAINERS, at, expect_conflict, group};

/// Tests that the storage id is the same at every call and through every handle. Event stores compare storage ids to
/// reject groups that span storages.
pub async fn storage_id_is_the_same_for_all_handles(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let handle = case.adapter.clone();
    assert_eq!(case.adapter.storage_id(), handle.storage_id());
    case.push(POKEMONS, case.event("a", 1)).await;
    assert_eq!(case.adapter.storage_id(), handle.storage_id());
    // A group through two handles of one storage is accepted.
    let mut events = group(&case.adapter, vec![(POKEMONS, case.event("a", 2))]);
    events.extend(group(&handle, vec![(TRAINERS, case.event("t", 1))]));
    handle.push_event_group(events, PushOptions::default()).await.expect("a group through two handles of one storage");
    case.expect(TRAINERS, "t", &[case.event("t", 1)]).await;
}

/// Tests that two storages have different ids, because a group that spans both storages could not be atomic.
pub async fn storage_ids_of_two_storages_differ(factory: &dyn StorageFactory) {
    let (one, other) = (Case::new(factory).await, Case::new(factory).await);
    assert_ne!(one.adapter.storage_id(), other.adapter.storage_id());
    // The storages do not share events.
    one.push(POKEMONS, one.event("a", 1)).await;
    other.expect(POKEMONS, "a", &[]).await;
    other.push(POKEMONS, other.marked("a", 1, "other")).await;
    one.expect(POKEMONS, "a", &[one.event("a", 1)]).await;
}

/// Tests that a durable storage that is opened again still has its events, their order, their positions, the taken
/// versions and the lists. The test does nothing for storages that cannot be opened again: see
/// [`FreshStorage::reopened_by`].
///
/// [`FreshStorage::reopened_by`]: super::FreshStorage::reopened_by
pub async fn a_storage_opened_again_has_everything(factory: &dyn StorageFactory) {
    let mut case = Case::new(factory).await;
    let events: Vec<_> = (1..=20).map(|version| case.marked("a", version, "before")).collect();
    let mut last = None;
    for event in events.clone() {
        last = case.push(POKEMONS, event).await.position;
    }
    case.group(vec![(TRAINERS, case.initial("t1", at(2))), (TRAINERS, case.initial("t0", at(1)))]).await;
    case.force(POKEMONS, case.marked("a", 7, "forced")).await;
    // The handle of the test is dropped, so that only the stored data remains.
    let Case { mut storage, adapter, capabilities } = case;
    drop(adapter);
    let Some(adapter) = storage.reopen().await else {
        return;
    };
    case = Case { storage, adapter, capabilities };
    let mut expected = events;
    expected[6] = case.marked("a", 7, "forced");
    case.expect(POKEMONS, "a", &expected).await;
    let listed = case.list(TRAINERS, ListAggregateIdsOptions::default()).await;
    assert_eq!(super::case::ids(&listed), [case.id("t0"), case.id("t1")]);
    expect_conflict(case.try_push(POKEMONS, case.event("a", 20)).await, POKEMONS, &case.id("a"), 20);
    let lost = case.try_group(vec![(POKEMONS, case.event("a", 21)), (TRAINERS, case.event("t1", 1))], NO_FORCE).await;
    expect_conflict(lost, TRAINERS, &case.id("t1"), 1);
    let next = case.push(POKEMONS, case.event("a", 21)).await.position;
    assert!(next.is_none() || next > last, "position {next:?} after {last:?}");
    // The guards of `keeping` are dropped only here, because they must outlive the last use of the storage.
    drop(case.storage);
}
