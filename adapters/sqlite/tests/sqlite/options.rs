use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};

use crate::support::{integrity, place, push, transactions};

#[tokio::test]
async fn the_file_is_as_documented() {
    let place = place();
    let adapter = place.open().await;
    push(&adapter, "a", 1).await.unwrap();
    let raw = place.raw();
    let pragma =
        |name: &str| raw.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
    assert_eq!(pragma("user_version"), 3.into());
    assert_eq!(pragma("application_id"), 0x6361_7374.into());
    assert_eq!(pragma("encoding"), "UTF-8".to_owned().into());
    assert_eq!(integrity(&raw), "ok");
    let row = raw
        .query_row("SELECT * FROM event", [], |row| {
            Ok((
                row.get::<_, i64>("position")?,
                row.get::<_, String>("event_store_id")?,
                row.get::<_, String>("aggregate_id")?,
                row.get::<_, i64>("version")?,
                row.get::<_, String>("type")?,
                row.get::<_, i64>("timestamp")?,
                row.get::<_, String>("payload")?,
                row.get::<_, Option<String>>("metadata")?,
            ))
        })
        .unwrap();
    let text = str::to_owned;
    assert_eq!(row, (1, text("STORE"), text("a"), 1, text("HAPPENED"), 1_700_000_000_000, text("1"), None));
}

/// Checkpoints run long before the log has as many pages as these pushes write.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_does_not_grow_for_ever() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let place = place();
        let adapter = SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous).open().await.unwrap();
        for n in 0..2_000 {
            push(&adapter, &format!("{n}"), 1).await.unwrap();
        }
        // A commit writes at least three pages, and the limit is 1,000 pages.
        assert!(transactions(&place.path) < 700, "{synchronous:?}");
    }
}
