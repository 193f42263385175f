//! Tests of forced pushes, which replace stored events.

use castore_core::storage::{GetEventsOptions, ListAggregateIdsOptions, RawEvent};

use super::StorageFactory;
use super::case::{Case, FORCE, POKEMONS, TRAINERS, at, ids};

/// Tests that a forced push replaces all fields of the event with the same version, and changes no other event.
pub async fn force_replaces_the_event_in_place(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push_all(POKEMONS, (1..=3).map(|version| case.marked("a", version, "old"))).await;
    case.push_anywhere(POKEMONS, case.marked("b", 2, "old")).await;
    let replacement = RawEvent { event_type: "RENAMED".into(), timestamp: at(77), ..case.marked("a", 2, "new") };
    case.force(POKEMONS, replacement.clone()).await;
    case.expect(POKEMONS, "a", &[case.marked("a", 1, "old"), replacement, case.marked("a", 3, "old")]).await;
    case.expect(POKEMONS, "b", &[case.marked("b", 2, "old")]).await;
}

/// Tests that if the new event of a forced push has no payload or no metadata, the payload or the metadata of the old
/// event is removed.
pub async fn force_removes_payload_and_metadata(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push(POKEMONS, case.marked("a", 1, "old")).await;
    let bare = RawEvent { payload: None, metadata: None, ..case.event("a", 1) };
    case.force(POKEMONS, bare.clone()).await;
    case.expect(POKEMONS, "a", &[bare]).await;
    case.force(POKEMONS, case.marked("a", 1, "newer")).await;
    case.expect(POKEMONS, "a", &[case.marked("a", 1, "newer")]).await;
}

/// Tests that a forced push of a new version stores the event like a normal push.
pub async fn force_on_a_new_version_appends(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    for version in [1, 2, 5] {
        case.force(POKEMONS, case.event("a", version)).await;
    }
    case.expect(POKEMONS, "a", &[1, 2, 5].map(|version| case.event("a", version))).await;
    // The version is now taken.
    case.try_push(POKEMONS, case.event("a", 5)).await.unwrap_err();
}

/// Tests that a forced push changes one event store only, even if another store has the same aggregate id.
pub async fn force_stays_in_its_store(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push(POKEMONS, case.marked("same", 1, "old")).await;
    case.push(TRAINERS, case.marked("same", 1, "old")).await;
    case.force(TRAINERS, case.marked("same", 1, "new")).await;
    case.expect(POKEMONS, "same", &[case.marked("same", 1, "old")]).await;
    case.expect(TRAINERS, "same", &[case.marked("same", 1, "new")]).await;
}

/// Tests that a replaced event keeps its position in the log. Readers that are past this position do not receive the
/// event again.
pub async fn force_keeps_the_position(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let mut positions = Vec::new();
    for version in 1..=3 {
        positions.push(case.push(POKEMONS, case.event("a", version)).await.position);
    }
    let replaced = case.force(POKEMONS, case.marked("a", 2, "new")).await;
    assert_eq!(replaced.position, positions[1], "forced version 2 of {positions:?}");
    let grouped = case
        .try_group(vec![(POKEMONS, case.marked("a", 1, "newer")), (POKEMONS, case.marked("a", 3, "newer"))], FORCE)
        .await
        .expect("a forced group");
    assert_eq!(
        grouped.iter().map(|stored| stored.position).collect::<Vec<_>>(),
        [positions[0], positions[2]],
        "forced versions 1 and 3 of {positions:?}"
    );
    let next = case.push(POKEMONS, case.event("a", 4)).await.position;
    assert!(next.is_none() || next > positions[2], "{next:?} after {positions:?}");
}

/// Tests that a forced push of version 1 moves the aggregate in the list, because lists are sorted by the timestamp of
/// version 1.
pub async fn force_on_version_1_moves_the_aggregate_in_the_list(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    for (index, aggregate) in ["a", "b", "c"].into_iter().enumerate() {
        case.push(POKEMONS, case.initial(aggregate, at(1_000 * (1 + index as i64)))).await;
        case.push(POKEMONS, case.event(aggregate, 2)).await;
    }
    case.force(POKEMONS, case.initial("a", at(9_000))).await;
    // A forced push of version 2 does not move the aggregate.
    case.force(POKEMONS, RawEvent { timestamp: at(0), ..case.event("c", 2) }).await;
    let page = case.list(POKEMONS, ListAggregateIdsOptions::default()).await;
    assert_eq!(ids(&page), ["b", "c", "a"].map(|aggregate| case.id(aggregate)));
    assert_eq!(page.aggregates[2].initial_event_timestamp, at(9_000));
    assert_eq!(page.next_page_token, None);
}

/// Tests that forced pushes of the same version leave one event, regardless of their number.
pub async fn forcing_again_and_again_leaves_one_event(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    for round in 0..10 {
        case.force(POKEMONS, case.marked("a", 1, round)).await;
    }
    case.expect(POKEMONS, "a", &[case.marked("a", 1, 9)]).await;
    let last = GetEventsOptions::default().limit(1).reverse(true);
    assert_eq!(case.get(POKEMONS, "a", last).await.len(), 1);
}
