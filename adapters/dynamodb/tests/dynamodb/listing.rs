//! Lists of aggregates, beyond the conformance test kit: start keys outside of the bounds, and tokens of other lists.

use castore_core::storage::{EventStorageAdapter, ListAggregateIdsOptions, StorageError};
use serde_json::{Value, json};

use crate::canned::{ok, script};
use crate::golden::recorded_key;

fn options(token: &Value) -> ListAggregateIdsOptions {
    ListAggregateIdsOptions::default().page_token(token.to_string())
}

/// DynamoDB rejects a query whose start key is outside of the bounds of the query.
#[tokio::test]
async fn places_outside_of_the_bounds_are_not_sent() {
    let (before, at, after) = ("2021-01-01T00:00:00.000Z", "2022-01-01T00:00:00.000Z", "2023-01-01T00:00:00.000Z");
    for (reverse, lower, upper, expected) in [
        (false, before, after, Some(true)),
        (false, at, at, Some(true)),
        // The start key is before all requested aggregates.
        (false, after, after, Some(false)),
        (true, before, before, Some(false)),
        // The start key is after all requested aggregates.
        (false, before, before, None),
        (true, after, after, None),
    ] {
        let token = json!({
            "reverse": reverse, "initialEventAfter": lower, "initialEventBefore": upper, "lastEvaluatedKey": recorded_key(),
        });
        let answers = expected.map(|_| ok(json!({ "Items": [] })));
        let (adapter, canned) = script(answers);
        adapter.list_aggregate_ids("POKEMONS", options(&token)).await.unwrap();
        let sent = canned.requests().first().map(|(_, body)| body.get("ExclusiveStartKey").is_some());
        assert_eq!(sent, expected, "{token}");
        canned.count();
    }
}

#[tokio::test]
async fn tokens_of_others_are_refused() {
    let with = |change: fn(&mut Value)| {
        let mut key = recorded_key();
        change(&mut key);
        json!({ "lastEvaluatedKey": key })
    };
    for token in [
        with(|key| key["eventStoreId"]["S"] = "TRAINERS".into()),
        with(|key| key["aggregateId"]["S"] = "TRAINERS#a".into()),
        with(|key| key["aggregateId"]["S"] = "a".into()),
        with(|key| key["version"]["N"] = "2".into()),
        with(|key| key["version"] = json!({ "S": "1" })),
        with(|key| drop(key.as_object_mut().unwrap().remove("timestamp"))),
        json!({ "lastEvaluatedKey": { "aggregateId": "a", "initialEventTimestamp": "2022-01-01T00:00:00.000Z" } }),
        json!({ "limit": -1 }),
        json!({ "initialEventAfter": "soon" }),
    ] {
        let (adapter, canned) = script([]);
        let result = adapter.list_aggregate_ids("POKEMONS", options(&token)).await;
        assert!(matches!(result, Err(StorageError::InvalidPageToken)), "{token}: {result:?}");
        assert_eq!(canned.count(), 0);
    }
}

#[tokio::test]
async fn an_index_item_without_a_timestamp_is_an_error() {
    let mut item = recorded_key();
    drop(item.as_object_mut().unwrap().remove("timestamp"));
    let (adapter, _) = script([ok(json!({ "Items": [item] }))]);
    let error = adapter.list_aggregate_ids("POKEMONS", ListAggregateIdsOptions::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "stored data is damaged: an initial event of event store POKEMONS in the index");
}

/// An aggregate whose first event has an unreadable timestamp does not prevent the listing of others.
#[tokio::test]
async fn an_aggregate_with_an_unreadable_timestamp_is_skipped() {
    let (mut unreadable, mut local) = (recorded_key(), recorded_key());
    unreadable["timestamp"]["S"] = "secret".into();
    // Another program may have written such a timestamp.
    local["timestamp"]["S"] = "2024-01-05T00:00:00".into();
    let (adapter, _) = script([ok(json!({ "Items": [unreadable, local, recorded_key()] }))]);
    let page = adapter.list_aggregate_ids("POKEMONS", ListAggregateIdsOptions::default()).await.unwrap();
    let timestamps: Vec<_> = page.aggregates.iter().map(|one| one.initial_event_timestamp.to_string()).collect();
    assert_eq!(timestamps.len(), 2, "{timestamps:?}");
    assert_eq!(timestamps[0], "2024-01-05T00:00:00.000Z");
}
