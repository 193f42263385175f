//! Requests are equal to recorded requests of the original TypeScript package, except for deliberate improvements.

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, PushOptions, RawEvent};
use serde_json::{Value, json};

use crate::canned::{ok, script};
use crate::golden::{golden, input, parsed, recorded_key};
use crate::support::{grouped, json as raw};

const PIKACHU: &str = "11111111-1111-4111-8111-111111111111";

/// Returns the event of a recorded result.
fn event(recorded: &Value) -> RawEvent {
    let text = |name: &str| recorded[name].as_str().unwrap().to_owned();
    let json = |name: &str| recorded.get(name).map(|value| raw(&value.to_string()));
    RawEvent {
        aggregate_id: text("aggregateId"),
        version: recorded["version"].as_u64().unwrap(),
        event_type: text("type").into(),
        timestamp: text("timestamp").parse().unwrap(),
        payload: json("payload"),
        metadata: json("metadata"),
    }
}

#[tokio::test]
async fn pushes_are_the_puts_of_the_original() {
    for (scenario, force) in [("push version 1", false), ("push version 2", false), ("push with force", true)] {
        let recorded = &golden()["singleTable"][scenario]["result"]["ok"]["event"];
        let (adapter, canned) = script([ok(json!({}))]);
        adapter.push_event("POKEMONS", event(recorded), PushOptions::default().force(force)).await.unwrap();
        assert_eq!(canned.requests(), [("PutItem".to_owned(), input(scenario))], "{scenario}");
    }
}

#[tokio::test]
async fn groups_are_the_transactions_of_the_original() {
    for (scenario, force) in [("group", false), ("group with force", true)] {
        let recorded = &golden()["singleTable"][scenario]["result"]["ok"]["eventGroup"];
        let (adapter, canned) = script([ok(json!({}))]);
        let group = ["POKEMONS", "TRAINERS"].into_iter().zip(recorded.as_array().unwrap());
        let group = group.map(|(store, recorded)| grouped(&adapter, store, event(&recorded["event"]))).collect();
        adapter.push_event_group(group, PushOptions::default().force(force)).await.unwrap();
        let (operation, mut body) = canned.requests().remove(0);
        // The original package does not set a token, and leaves it to its client to repeat the transaction.
        assert!(body.as_object_mut().unwrap().remove("ClientRequestToken").is_some());
        assert_eq!((&*operation, body), ("TransactWriteItems", input(scenario)), "{scenario}");
    }
}

/// Returns the recorded scenarios of a method with their options. The name of a scenario consists of the method and the
/// options as JSON.
fn recorded_options(method: &str) -> Vec<(String, Value)> {
    let recorded = golden()["singleTable"].as_object().unwrap().clone();
    let options: Vec<_> = recorded
        .keys()
        .filter_map(|scenario| {
            let options = scenario.strip_prefix(method)?.strip_prefix(' ')?;
            Some((scenario.clone(), serde_json::from_str(if options == "undefined" { "{}" } else { options }).ok()?))
        })
        .collect();
    assert!(options.len() > 6, "the recorded scenarios of {method}");
    options
}

#[tokio::test]
async fn events_are_queried_as_the_original_does() {
    for (scenario, recorded) in recorded_options("getEvents") {
        let options = {
            let mut options = GetEventsOptions::default();
            options.min_version = recorded["minVersion"].as_u64();
            options.max_version = recorded["maxVersion"].as_u64();
            options.limit = recorded["limit"].as_u64();
            options.reverse = recorded["reverse"].as_bool().unwrap_or(false);
            options
        };
        if options.limit == Some(0) {
            // The original package requests a page of 0 items, which DynamoDB rejects. This crate returns an empty
            // page.
            continue;
        }
        let mut expected = input(&scenario);
        if expected["ScanIndexForward"] == true {
            // This crate does not send the value, because it is the default.
            expected.as_object_mut().unwrap().remove("ScanIndexForward");
        }
        let (adapter, canned) = script([ok(json!({ "Items": [] }))]);
        adapter.get_events("POKEMONS", PIKACHU, options).await.unwrap();
        assert_eq!(canned.requests(), [("Query".to_owned(), expected)], "{scenario}");
    }
}

fn list_options(recorded: &Value) -> ListAggregateIdsOptions {
    let moment = |name: &str| recorded[name].as_str().map(|text| text.parse().unwrap());
    {
        let mut options = ListAggregateIdsOptions::default();
        options.limit = recorded["limit"].as_u64();
        options.initial_event_after = moment("initialEventAfter");
        options.initial_event_before = moment("initialEventBefore");
        options.reverse = recorded["reverse"].as_bool();
        options
    }
}

#[tokio::test]
async fn aggregates_are_queried_as_the_original_does() {
    for (scenario, recorded) in recorded_options("listAggregateIds") {
        let options = list_options(&recorded);
        if options.limit == Some(0) {
            continue;
        }
        let (adapter, canned) = script([ok(json!({ "Items": [] }))]);
        let page = adapter.list_aggregate_ids("POKEMONS", options).await.unwrap();
        assert_eq!(page, Default::default());
        assert_eq!(canned.requests(), [("Query".to_owned(), input(&scenario))], "{scenario}");
    }
}

#[tokio::test]
async fn page_tokens_are_those_of_the_original() {
    let scenario = "listAggregateIds: next page token";
    let (adapter, canned) = script([ok(json!({ "Items": [recorded_key()], "LastEvaluatedKey": recorded_key() }))]);
    let options = ListAggregateIdsOptions::default().limit(1).reverse(true);
    let page = adapter.list_aggregate_ids("POKEMONS", options).await.unwrap();
    assert_eq!(canned.requests(), [("Query".to_owned(), input(scenario))]);
    let recorded = &golden()["singleTable"][scenario]["result"]["ok"];
    assert_eq!(page.aggregates[0].aggregate_id, recorded["aggregateIds"][0]["aggregateId"]);
    assert_eq!(
        page.aggregates[0].initial_event_timestamp.to_string(),
        recorded["aggregateIds"][0]["initialEventTimestamp"]
    );
    let recorded = recorded["nextPageToken"].as_str().unwrap();
    assert_eq!(parsed(&page.next_page_token.unwrap()), parsed(recorded));
    // A token that the original package returned with an emulator can be read, too.
    let moto = golden()["moto"]["listAggregateIds limit 2: page 1"]["nextPageToken"].as_str().unwrap().to_owned();
    let (adapter, canned) = script([ok(json!({ "Items": [] }))]);
    let options = ListAggregateIdsOptions::default().page_token(moto.clone());
    adapter.list_aggregate_ids("POKEMONS", options).await.unwrap();
    let (_, body) = canned.requests().remove(0);
    assert_eq!(body["ExclusiveStartKey"], parsed(&moto)["lastEvaluatedKey"]);
    assert_eq!(body["Limit"], 2);
}

#[tokio::test]
async fn tokens_are_applied_as_the_original_does() {
    let token = json!({
        "limit": 1,
        "initialEventAfter": "2022-01-01T00:00:00.000Z",
        "reverse": true,
        "lastEvaluatedKey": recorded_key(),
    });
    let beside = ListAggregateIdsOptions::default().page_token(token.to_string());
    for (scenario, options) in [
        ("listAggregateIds: token only", beside.clone()),
        ("listAggregateIds: options win over the token", beside.limit(5).reverse(false)),
    ] {
        let (adapter, canned) = script([ok(json!({ "Items": [] }))]);
        adapter.list_aggregate_ids("POKEMONS", options).await.unwrap();
        assert_eq!(canned.requests(), [("Query".to_owned(), input(scenario))], "{scenario}");
    }
}
