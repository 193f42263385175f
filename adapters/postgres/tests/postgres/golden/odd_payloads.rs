//! Payloads that JavaScript or Postgres treat in a special way.

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, RawEvent, StorageError};
use serde_json::json;

use super::{assert_same, golden, insert, raw, shown, text, varchar_table};
use crate::support::{ALLOW_GAP, NO_FORCE, STORE, Schema, event};

#[tokio::test]
async fn odd_payloads_go_both_ways() {
    let (schema, golden) = (Schema::new().await, golden());
    let ours = varchar_table(&schema, "ours").await;
    let theirs = varchar_table(&schema, "theirs").await;
    let mut compared = 0;
    for (case, recorded) in golden["oddPayloads"].as_object().unwrap() {
        let Some(event) = recorded.get("pushedAndReadBack") else { continue };
        let id = text(event, "aggregateId");
        // These payloads are written by this crate, and read with SQL. (The original package stores `0` and `""`, but
        // does not read them.)
        let falsy = case == "zeroPayload" || case == "emptyStringPayload";
        let mut pushed = raw(event);
        if falsy {
            pushed.payload =
                Some(serde_json::value::RawValue::from_string(text(&recorded["raw"], "data").to_owned()).unwrap());
        }
        ours.push_event(STORE, pushed, ALLOW_GAP).await.unwrap();
        let row = schema
            .client
            .query_one("SELECT data::text, metadata::text FROM ours WHERE aggregate_id = $1", &[&id])
            .await
            .unwrap();
        assert_eq!(row.get::<_, Option<&str>>(0), recorded["raw"]["data"].as_str(), "{case}");
        assert_eq!(row.get::<_, Option<&str>>(1), recorded["raw"]["metadata"].as_str(), "{case}");
        // These payloads are written by the original package, and read by this crate.
        let bare = json!({"aggregateId": id, "version": event["version"], "type": event["type"],
            "timestamp": event["timestamp"]});
        insert(&schema, "theirs", STORE, &bare).await;
        schema
            .client
            .execute(
                "UPDATE theirs SET data = $2::text::jsonb, metadata = $3::text::jsonb WHERE aggregate_id = $1",
                &[&id, &recorded["raw"]["data"].as_str(), &recorded["raw"]["metadata"].as_str()],
            )
            .await
            .unwrap();
        for adapter in [&ours, &theirs] {
            let read = adapter.get_events(STORE, id, GetEventsOptions::default()).await.unwrap();
            let mut expected = event.clone();
            if falsy {
                expected["payload"] = serde_json::from_str(text(&recorded["raw"], "data")).unwrap();
            }
            assert_same(&shown(&read[0]), &expected, case);
        }
        compared += 1;
    }
    assert_eq!(compared, 21, "of the cases that were recorded");
    for refused in [r#"{"s":"a\u0000b"}"#, r#"{"s":"x\ud800y"}"#] {
        let payload = serde_json::value::RawValue::from_string(refused.to_owned()).unwrap();
        let event = RawEvent { payload: Some(payload), ..event("refused", 1) };
        let error = ours.push_event(STORE, event, NO_FORCE).await.unwrap_err();
        assert!(matches!(error, StorageError::Unsupported { .. }), "{error:?}");
    }
    // A JSON null in the table, which neither package writes, is read as no payload by both.
    schema.run("UPDATE theirs SET data = 'null' WHERE aggregate_id = 'case-payload'").await;
    let read = theirs.get_events(STORE, "case-payload", GetEventsOptions::default()).await.unwrap();
    assert!(read[0].payload.is_none());
}
