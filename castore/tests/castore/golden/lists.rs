//! Tests of `list_aggregate_ids` and its page tokens, on the in-memory storage.

use castore::prelude::*;
use serde_json::{Value, json};

use super::domain::*;
use crate::support::{chain, error_text, golden, object, timestamp};

async fn store(rows: &[(&str, &str)]) -> EventStore<Pokemon> {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    for (id, happened) in rows {
        pokemons.push_event(NewEvent::new(*id, 1, appeared(id, 1)).timestamp(timestamp(happened))).await.unwrap();
    }
    pokemons
}

async fn list(pokemons: &EventStore<Pokemon>, options: &Value) -> Result<Value, EventStoreError> {
    let mut request = pokemons.list_aggregate_ids();
    if options.get("$undefined").is_none() {
        for (option, value) in object(options) {
            let text = value.as_str();
            request = match (option.as_str(), value.as_u64(), value.as_bool()) {
                ("limit", Some(limit), _) => request.limit(limit),
                ("reverse", _, Some(reverse)) => request.reverse(reverse),
                ("initialEventAfter", ..) => request.initial_event_after(timestamp(text.unwrap())),
                ("initialEventBefore", ..) => request.initial_event_before(timestamp(text.unwrap())),
                ("pageToken", ..) => request.page_token(text.unwrap()),
                other => panic!("unknown option {other:?}"),
            };
        }
    }
    let page = request.await?;
    let ids: Vec<&str> = page.aggregate_ids.iter().map(|listed| listed.aggregate_id.as_str()).collect();
    Ok(match page.next_page_token {
        Some(token) => json!({"ids": ids, "nextPageToken": serde_json::from_str::<Value>(&token).unwrap()}),
        None => json!({"ids": ids}),
    })
}

/// Returns a recorded page with its token parsed.
fn page(recorded: &Value) -> Value {
    let mut page = recorded.clone();
    if let Some(token) = page.get_mut("nextPageToken") {
        *token = serde_json::from_str(token.as_str().unwrap()).unwrap();
    }
    page
}

#[tokio::test]
async fn pages_are_as_recorded() {
    let golden = golden("in-memory");
    let recorded = object(&golden["listAggregateIds"]);
    let pokemons = store(&[("c", "2023-01-01"), ("a", "2021-01-01"), ("d", "2024-01-01"), ("b", "2022-01-01")]).await;
    let tied = store(&[("t1", "2021-01-01"), ("t2", "2021-01-01"), ("t3", "2021-01-01"), ("t4", "2021-01-01")]).await;
    let integers = store(&[("10", "2021-01-01"), ("9", "2021-01-01"), ("z", "2021-01-01")]).await;
    let mut seen = 0;
    for (case, recorded) in recorded {
        if case == "rows" || recorded["options"]["limit"].as_i64().is_some_and(|limit| limit < 0) {
            // Negative limits cannot be expressed, because limits are unsigned in castore.
            continue;
        }
        let pokemons = match case.as_str() {
            case if case.starts_with("four") => &tied,
            case if case.starts_with("integer-like") => &integers,
            _ => &pokemons,
        };
        let listed = list(pokemons, &recorded["options"]).await;
        let wanted = match case.as_str() {
            // In Castore, an empty page has a token that leads to the first page again. In castore, it has no token.
            r#"{"limit":0}"# => json!({"ids": []}),
            // If the aggregate of the token was deleted, Castore starts again at the first page, and castore continues
            // after the position of the deleted aggregate.
            "token whose last aggregate does not exist (starts over)" => {
                let last = json!({"aggregateId": "b", "initialEventTimestamp": "2022-01-01T00:00:00.000Z"});
                json!({"ids": ["b"], "nextPageToken": {"limit": 1, "lastEvaluatedKey": last}})
            }
            // Castore lists aggregates with equal timestamps in the reverse order of their pushes. castore sorts them
            // by id.
            "four aggregates with one timestamp, pushed t1..t4" => json!({"ids": ["t1", "t2", "t3", "t4"]}),
            "four tied, limit 2: page 1" => {
                let last = json!({"aggregateId": "t2", "initialEventTimestamp": "2021-01-01T00:00:00.000Z"});
                json!({"ids": ["t1", "t2"], "nextPageToken": {"limit": 2, "lastEvaluatedKey": last}})
            }
            // This case uses Castore's token of the first page, which points to the position after `t3`.
            "four tied, limit 2: page 2" => json!({"ids": ["t4"]}),
            "four tied, reverse" => json!({"ids": ["t4", "t3", "t2", "t1"]}),
            "integer-like ids with one timestamp, pushed 10, 9, z" => json!({"ids": ["10", "9", "z"]}),
            // Castore throws a `TypeError`, and castore returns an error.
            r#"{"pageToken":"null"}"# => {
                assert_eq!(chain(&listed.unwrap_err()).last().unwrap(), "Invalid page token");
                continue;
            }
            case if recorded.get("error").is_some() => {
                let errors = chain(&listed.unwrap_err());
                assert_eq!(errors.last().unwrap(), error_text(recorded), "{case}");
                continue;
            }
            _ => page(&recorded["ok"]),
        };
        assert_eq!(listed.unwrap(), wanted, "{case}");
        seen += 1;
    }
    assert!(seen >= 25, "{seen}");
}

/// With limits from 1 to 5, in both directions, each aggregate is listed exactly once, even if timestamps are equal.
#[tokio::test]
async fn page_tokens_contain_the_options() {
    let pokemons = store(&[
        ("a", "2021-01-01"),
        ("b", "2021-01-01"),
        ("c", "2021-01-01"),
        ("d", "2022-01-01"),
        ("e", "2022-01-01"),
    ])
    .await;
    for limit in 1..=5 {
        for reverse in [false, true] {
            let mut page = list(&pokemons, &json!({"limit": limit, "reverse": reverse})).await.unwrap();
            let mut ids = page["ids"].as_array().unwrap().clone();
            while let Some(token) = page.get("nextPageToken") {
                page = list(&pokemons, &json!({"pageToken": token.to_string()})).await.unwrap();
                ids.extend(page["ids"].as_array().unwrap().clone());
            }
            let mut wanted = json!(["a", "b", "c", "d", "e"]).as_array().unwrap().clone();
            if reverse {
                wanted.reverse();
            }
            assert_eq!(ids, wanted, "limit {limit}, reverse {reverse}");
        }
    }
}
