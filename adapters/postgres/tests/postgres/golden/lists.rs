//! Lists of aggregates.

use castore_core::storage::{EventStorageAdapter, ListAggregateIdsOptions};
use serde_json::json;

use super::{golden, insert, varchar_table};
use crate::support::Schema;

#[tokio::test]
async fn lists_are_those_of_the_original_where_it_is_right() {
    let (schema, golden) = (Schema::new().await, golden());
    let adapter = varchar_table(&schema, "event").await;
    for (id, year) in [("b", 2022), ("d", 2024), ("a", 2021), ("c", 2023)] {
        let event = json!({"aggregateId": id, "version": 1, "type": "T",
            "timestamp": format!("{year}-01-01T00:00:00.000Z")});
        insert(&schema, "event", "POKEMONS", &event).await;
    }
    let golden = &golden["listAggregateIds"];
    for case in [
        "none",
        "{\"limit\":2}",
        "{\"limit\":4}",
        "{\"limit\":5}",
        "{\"reverse\":true}",
        "{\"reverse\":true,\"limit\":3}",
        "{\"pageToken\":\"{}\"}",
        "limit 1: page 1",
        "limit 1: page 2, token only",
        "limit 1: page 2, limit repeated",
        "limit 1: page 3, limit repeated",
        "reverse limit 2: page 1",
        "reverse limit 2: page 2, token only",
    ] {
        let (options, recorded) = (&golden[case]["options"], &golden[case]["ok"]);
        let page = adapter
            .list_aggregate_ids("POKEMONS", {
                let mut wanted = ListAggregateIdsOptions::default();
                wanted.limit = options["limit"].as_u64();
                wanted.reverse = options["reverse"].as_bool();
                wanted.page_token = options["pageToken"].as_str().map(str::to_owned);
                wanted
            })
            .await
            .unwrap();
        let listed: Vec<_> = page
            .aggregates
            .iter()
            .map(|listed| {
                json!({"aggregateId": listed.aggregate_id, "initialEventTimestamp": listed.initial_event_timestamp})
            })
            .collect();
        assert_eq!(&json!(listed), &recorded["aggregateIds"], "{case}");
        // The original package drops the options of a page token when it creates the next token.
        if options["pageToken"].is_null() || options["limit"].is_u64() {
            assert_eq!(page.next_page_token.as_deref(), recorded["nextPageToken"].as_str(), "{case}");
        }
    }
}
