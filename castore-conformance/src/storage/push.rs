//! Tests of pushing one event and reading it back unchanged.

use castore_core::storage::RawEvent;

use super::StorageFactory;
use super::case::{ALL, Case, POKEMONS, TRAINERS, at, expect_conflict};
use super::compare::json;

/// JSON values of every kind, for payloads and for metadata.
const VALUES: &[&str] = &[
    "{}",
    "[]",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1.5",
    r#""""#,
    r#""text""#,
    r#"{"level":5,"name":"Pikachu"}"#,
    r#"{"b":1,"a":{"d":[1,[2,[3,{}]],null],"c":""},"":0}"#,
    r#"{"constructor":1,"__proto__":{"x":1},"toString":null}"#,
    r#"[[[[[[[[[[[[[[[["deep"]]]]]]]]]]]]]]]]"#,
];

/// Tests that an event is returned with all its fields unchanged.
pub async fn an_event_comes_back_as_it_was_pushed(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let event = RawEvent {
        aggregate_id: case.id("pikachu1"),
        version: 1,
        event_type: "APPEARED".into(),
        timestamp: at(123),
        payload: Some(json(r#"{"name":"Pikachu","level":5}"#)),
        metadata: Some(json(r#"{"trigger":"walk"}"#)),
    };
    case.push(POKEMONS, event.clone()).await;
    case.expect(POKEMONS, "pikachu1", &[event]).await;
}

/// Tests that an event without payload and metadata is returned without them. An absent payload is not returned as
/// `null`.
pub async fn no_payload_and_no_metadata_come_back_as_none(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push(POKEMONS, RawEvent { payload: None, metadata: None, ..case.event("bare", 1) }).await;
    let events = case.get(POKEMONS, "bare", ALL).await;
    assert!(events[0].payload.is_none(), "payload {:?}", events[0].payload);
    assert!(events[0].metadata.is_none(), "metadata {:?}", events[0].metadata);
}

/// Tests that any JSON value is a valid payload, including `null`, `false`, 0, empty values, arrays, and nested and
/// unusual objects.
pub async fn any_json_value_is_a_payload(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    round_trip(&case, |event, value| event.payload = Some(json(value))).await;
}

/// Tests that any JSON value is valid metadata, and is not confused with the payload.
pub async fn any_json_value_is_metadata(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    round_trip(&case, |event, value| {
        event.payload = None;
        event.metadata = Some(json(value));
    })
    .await;
}

async fn round_trip(case: &Case, with: impl Fn(&mut RawEvent, &str)) {
    let events: Vec<_> = (1..)
        .zip(VALUES)
        .map(|(version, value)| {
            let mut event = case.event("values", version);
            with(&mut event, value);
            event
        })
        .collect();
    case.push_all(POKEMONS, events.clone()).await;
    case.expect(POKEMONS, "values", &events).await;
}

/// Tests that a push with a taken version is rejected with an error that names the event. The stored events do not
/// change.
pub async fn a_taken_version_is_refused(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let events = [case.marked("pikachu1", 1, "first"), case.marked("pikachu1", 2, "first")];
    case.push_all(POKEMONS, events.clone()).await;
    for version in [1, 2] {
        let mut late = case.marked("pikachu1", version, "second");
        late.event_type = "OTHER".into();
        late.timestamp = at(99_000);
        expect_conflict(case.try_push(POKEMONS, late).await, POKEMONS, &case.id("pikachu1"), version);
    }
    case.expect(POKEMONS, "pikachu1", &events).await;
    // Pushing the same event again is also a conflict. If pushes were idempotent, a writer would not detect that
    // another writer was faster.
    expect_conflict(case.try_push(POKEMONS, events[1].clone()).await, POKEMONS, &case.id("pikachu1"), 2);
    // The rejected writer can continue with the next version.
    case.push(POKEMONS, case.marked("pikachu1", 3, "second")).await;
    assert_eq!(case.seen(POKEMONS, "pikachu1").await.len(), 3);
}

/// Tests that events are returned in the order of their versions, regardless of the order in which they were pushed.
pub async fn events_come_back_by_version(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    // As text, 10 sorts before 9.
    for version in [10, 3, 100, 1, 9, 2] {
        case.push_anywhere(POKEMONS, case.event("mixed", version)).await;
    }
    case.expect(POKEMONS, "mixed", &[1, 2, 3, 9, 10, 100].map(|version| case.event("mixed", version))).await;
}

/// Tests that the same aggregate id in two event stores denotes two aggregates, for writing and for reading.
pub async fn the_same_id_in_two_stores_is_two_aggregates(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let pokemon = case.marked("same", 1, "pokemon");
    let trainers = [case.marked("same", 1, "trainer"), case.marked("same", 2, "trainer")];
    case.push(POKEMONS, pokemon.clone()).await;
    case.push_all(TRAINERS, trainers.clone()).await;
    case.expect(POKEMONS, "same", &[pokemon]).await;
    case.expect(TRAINERS, "same", &trainers).await;
}

/// Tests that two aggregates of one store have independent versions.
pub async fn aggregates_of_one_store_are_independent(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    for aggregate in ["one", "two", "one two"] {
        case.push(POKEMONS, case.marked(aggregate, 1, aggregate)).await;
    }
    for aggregate in ["one", "two", "one two"] {
        case.expect(POKEMONS, aggregate, &[case.marked(aggregate, 1, aggregate)]).await;
    }
}

/// Tests that if the storage has log positions, the positions grow with every push, so that readers of the log never
/// have to read earlier positions again.
pub async fn positions_grow(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let mut positions = Vec::new();
    for version in 1..=5 {
        positions.push(case.push(POKEMONS, case.event("one", version)).await.position);
        positions.push(case.push(TRAINERS, case.event("two", version)).await.position);
        // A rejected push has no position.
        case.try_push(POKEMONS, case.event("one", version)).await.unwrap_err();
    }
    expect_growing(&positions);
}

/// Asserts that either no event has a position, or each event has a greater position than the previous event.
pub(crate) fn expect_growing(positions: &[Option<u64>]) {
    if positions.iter().any(Option::is_some) {
        assert!(positions.iter().all(Option::is_some), "only some have positions: {positions:?}");
        assert!(positions.is_sorted_by(|one, next| one < next), "positions must grow: {positions:?}");
    }
}
