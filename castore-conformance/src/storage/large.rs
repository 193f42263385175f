//! Tests with large amounts of data.

use castore_core::storage::{GetEventsOptions, ListAggregateIdsOptions, RawEvent, StorageError};

use super::StorageFactory;
use super::case::{Case, NO_FORCE, POKEMONS, at};
use super::compare::json;

/// Returns a payload of more than 1 MiB, with characters that engines measure and escape in different ways.
fn mebibyte() -> String {
    let text = "é\\\"🦀 \\u0041".repeat(70_000);
    format!("\"{text}\"")
}

/// Tests that a payload and metadata of more than 1 MiB each are stored, both singly and in a group, or rejected if the
/// engine has a limit.
pub async fn a_mebibyte_is_kept_or_refused(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let text = mebibyte();
    assert!(text.len() > 1 << 20);
    let limit = case.capabilities.max_payload_len;
    let big = |version| RawEvent {
        payload: Some(json(text.clone())),
        metadata: Some(json(format!("[{text}]"))),
        ..case.event("big", version)
    };
    let mut kept = Vec::new();
    let single = case.try_push(POKEMONS, big(1)).await.map(drop);
    let grouped = case.try_group(vec![(POKEMONS, big(2)), (POKEMONS, case.event("big", 3))], NO_FORCE).await.map(drop);
    for (result, events) in [(single, vec![big(1)]), (grouped, vec![big(2), case.event("big", 3)])] {
        match result {
            Ok(()) => kept.extend(events),
            Err(StorageError::Unsupported { .. }) if limit < 2 << 20 => {}
            Err(error) => panic!("a mebibyte: {error:?}"),
        }
    }
    case.expect(POKEMONS, "big", &kept).await;
}

/// Tests that payloads whose lengths are close to powers of two are returned unchanged. Such lengths are critical,
/// because pages, buffers and length prefixes often have these limits.
pub async fn payloads_of_all_lengths_are_kept(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let mut events = Vec::new();
    for power in [7, 8, 11, 12, 15, 16, 17] {
        for length in [(1 << power) - 1, 1 << power, (1 << power) + 1] {
            if length <= case.capabilities.max_payload_len {
                events.push(RawEvent {
                    payload: Some(json(format!("\"{}\"", "x".repeat(length - 2)))),
                    ..case.event("lengths", events.len() as u64 + 1)
                });
            }
        }
    }
    case.push_all(POKEMONS, events.clone()).await;
    case.expect(POKEMONS, "lengths", &events).await;
}

/// Tests that a long aggregate of 2,000 events is returned completely, and a read of a range of its versions returns
/// the right events.
pub async fn a_long_aggregate_is_read_whole(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let all: Vec<u64> = (1..=2_000).collect();
    for versions in all.chunks(case.capabilities.max_group_len.min(100)) {
        case.group(versions.iter().map(|version| (POKEMONS, case.event("long", *version))).collect()).await;
    }
    let expected: Vec<_> = all.iter().map(|version| case.event("long", *version)).collect();
    case.expect(POKEMONS, "long", &expected).await;
    let window = GetEventsOptions::default().min_version(500).max_version(1_600).limit(1_000).reverse(true);
    let versions: Vec<_> = case.get(POKEMONS, "long", window).await.iter().map(|event| event.version).collect();
    assert_eq!(versions, (601..=1_600).rev().collect::<Vec<u64>>());
}

/// Tests that a list without a limit returns all aggregates, regardless of their number, and no page token.
pub async fn a_list_without_limit_has_all(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let all: Vec<i64> = (0..1_200).collect();
    for chunk in all.chunks(case.capabilities.max_group_len.min(100)) {
        let events = chunk.iter().map(|n| (POKEMONS, case.initial(&format!("a{n}"), at(*n))));
        case.group(events.collect()).await;
    }
    let page = case.list(POKEMONS, ListAggregateIdsOptions::default()).await;
    let expected: Vec<_> = all.iter().map(|n| case.id(&format!("a{n}"))).collect();
    assert_eq!(super::case::ids(&page), expected);
    assert_eq!(page.next_page_token, None);
}
