//! Pages that are larger than the buffers of a connection.

use std::time::Duration;

use castore_core::log::EventLog;
use tokio::time::timeout;

use super::all;
use crate::support::Schema;

#[tokio::test]
async fn the_first_page_of_a_connection_may_be_large() {
    let schema = Schema::new().await;
    schema.adapter().await;
    schema
        .run(
            "INSERT INTO event (aggregate_name, aggregate_id, version, type, data)
             SELECT 'STORE', 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', n, 'HAPPENED', jsonb_build_object('text', repeat('x', 500))
             FROM generate_series(1, 20000) n",
        )
        .await;
    // This is a new adapter, on whose connections no statement is prepared yet.
    let log = schema.adapter().await;
    let page = timeout(Duration::from_secs(30), log.read_after(0, &all(20_000))).await.expect("an answer").unwrap();
    assert_eq!((page.events.len(), page.more), (20_000, false));
}
