//! Lists of aggregates.

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions};
use castore_postgres::AggregateIdColumn;

use super::support::Schema;

/// Rows with microseconds, which Castore does not write: `a` is later than `b` by one microsecond, but sorts first by
/// id.
const MICROSECONDS: &str = "INSERT INTO event (aggregate_name, aggregate_id, version, type, timestamp) VALUES
    ('STORE', 'b', 1, 'T', '2021-01-01T00:00:00.123100Z'), ('STORE', 'a', 1, 'T', '2021-01-01T00:00:00.123900Z'),
    ('STORE', 'c', 1, 'T', '2021-01-01T00:00:00.123000Z'), ('STORE', 'd', 1, 'T', '2021-01-01T00:00:00.124000Z'),
    ('STORE', 'e', 1, 'T', '1969-12-31T23:59:59.999999Z'), ('STORE', 'f', 1, 'T', '2021-01-01T00:00:00.122999Z')";

#[tokio::test]
async fn rows_with_microseconds_are_listed_once_each() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().aggregate_id_column(AggregateIdColumn::Varchar(36))).await;
    schema.run(MICROSECONDS).await;
    for indexed in [true, false] {
        if !indexed {
            schema.run("DROP INDEX idx_event_initial_event").await;
        }
        for (reverse, expected) in [(false, "efabcd"), (true, "dcbafe")] {
            for limit in 1..=7 {
                let mut options = ListAggregateIdsOptions::default().limit(limit).reverse(reverse);
                let mut listed = String::new();
                for _ in 0..10 {
                    let page = adapter.list_aggregate_ids("STORE", options).await.unwrap();
                    listed.extend(page.aggregates.iter().map(|listed| listed.aggregate_id.as_str()));
                    let Some(token) = page.next_page_token else { break };
                    options = ListAggregateIdsOptions::default().page_token(token);
                }
                assert_eq!(listed, expected, "limit {limit}, reverse {reverse}");
            }
        }
    }
    // Bounds include the same rows as if the timestamps had only milliseconds.
    let moment = "2021-01-01T00:00:00.123Z".parse().unwrap();
    let options = ListAggregateIdsOptions::default().initial_event_after(moment).initial_event_before(moment);
    let page = adapter.list_aggregate_ids("STORE", options).await.unwrap();
    assert!(page.aggregates.iter().all(|listed| listed.initial_event_timestamp == moment));
    assert_eq!(page.aggregates.len(), 3);
    let read = adapter.get_events("STORE", "e", GetEventsOptions::default()).await.unwrap();
    assert_eq!(read[0].timestamp.to_string(), "1969-12-31T23:59:59.999Z");
}

#[tokio::test]
async fn pages_are_read_from_the_index() {
    for column in [AggregateIdColumn::Uuid, AggregateIdColumn::Text] {
        let schema = Schema::new().await;
        let adapter = schema.created(schema.builder().aggregate_id_column(column)).await;
        schema
            .run(
                "INSERT INTO event (aggregate_name, aggregate_id, version, type, timestamp)
                 SELECT 'STORE', gen_random_uuid(), version, 'T', timestamptz '2020-01-01' + place * interval '1 s'
                 FROM generate_series(1, 5000) place, generate_series(1, 3) version; ANALYZE event",
            )
            .await;
        let reads = "SELECT idx_scan, idx_tup_read FROM pg_stat_user_indexes
            WHERE schemaname = current_schema() AND indexrelname = 'idx_event_initial_event'";
        for reverse in [false, true] {
            let mut options = ListAggregateIdsOptions::default().limit(10).reverse(reverse);
            // The statement is executed more than five times, so that the server may choose a generic plan.
            for _ in 0..10 {
                let page = adapter.list_aggregate_ids("STORE", options).await.unwrap();
                assert_eq!(page.aggregates.len(), 10);
                options = {
                    let mut options = ListAggregateIdsOptions::default();
                    options.page_token = page.next_page_token;
                    options
                };
            }
        }
        // A connection reports its statistics at the latest when it is closed.
        adapter.close();
        drop(adapter);
        let (mut scans, mut tuples) = (0_i64, 0_i64);
        for _ in 0..3000 {
            let row = schema.client.query_one(reads, &[]).await.unwrap();
            (scans, tuples) = (row.get(0), row.get(1));
            if scans >= 20 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert!(scans >= 20 && tuples <= scans * 11, "{column:?}: {scans} scans of {tuples} entries");
    }
}
