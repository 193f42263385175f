//! Tests with data that breaks naive string concatenation, naive keys and careless encodings.

use castore_core::snapshot::{Snapshot, SnapshotKey};
use castore_core::storage::StorageError;

use super::SnapshotFactory;
use super::case::{SnapshotCase, snapshot};
use crate::storage::compare::{json, short};

/// Texts that the storage must treat as different ids. They are short enough for the event store ids in the Postgres
/// table of the original Castore, which is written in TypeScript.
const TEXTS: &[&str] = &[
    "a",
    "A",
    "a ",
    " a",
    "it's",
    "''",
    "\"",
    "`",
    "\\",
    "\\'",
    "'; DROP TABLE event; --",
    "' OR '1'='1",
    "%",
    "_",
    "a%",
    "$1",
    "?1",
    ":id",
    "#",
    "a#b",
    "#a",
    "a:b",
    "a/b",
    "../a",
    "a|b",
    "a,b",
    "{}",
    "[1]",
    "null",
    "NULL",
    "0",
    "01",
    "1",
    "1.0",
    "__proto__",
    "ß",
    "ss",
    "İ",
    "i",
    "I",
    "Å",
    "A\u{30a}",
    "日本語",
    "עברית",
    "🦀",
    "\u{200b}",
    "\u{feff}",
    "\r\n",
];

/// Tests that any text is a valid aggregate id.
pub async fn any_text_is_an_aggregate_id(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    for (version, text) in (1..).zip(TEXTS) {
        let key = case.key(text);
        assert_eq!(case.version(&key, None).await, None, "{text:?} is confused with another");
        case.put(&key, snapshot(version, version)).await;
    }
    for (version, text) in (1..).zip(TEXTS) {
        case.expect(&case.key(text), None, &snapshot(version, version)).await;
    }
    let gone = case.key("a%");
    case.adapter.delete_snapshots(gone.event_store_id, &gone.aggregate_id).await.expect("deleting");
    for text in TEXTS {
        assert_eq!(case.version(&case.key(text), None).await.is_none(), *text == "a%", "{text:?}");
    }
}

/// Tests that any text is a valid event store id. The event store id and the aggregate id are separate parts of the
/// key, and are not simply concatenated.
pub async fn any_text_is_an_event_store(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let keys: Vec<_> = TEXTS
        .iter()
        .map(|store| SnapshotKey { event_store_id: store, ..case.key("a") })
        .chain(
            [("s#a", "b"), ("s", "a#b"), ("s:a", "b"), ("s", "a:b"), ("s/a", "b"), ("s", "a/b")]
                .map(|(event_store_id, aggregate)| SnapshotKey { event_store_id, ..case.key(aggregate) }),
        )
        .collect();
    for (version, key) in (1..).zip(&keys) {
        assert_eq!(case.version(key, None).await, None, "{key:?} is confused with another");
        case.put(key, snapshot(version, version)).await;
    }
    for (version, key) in (1..).zip(&keys) {
        case.expect(key, None, &snapshot(version, version)).await;
    }
}

/// Tests that JSON with unusual content is returned as an equal value, or is rejected if the capabilities waive it.
pub async fn odd_json_is_kept_or_refused(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    let capabilities = &case.capabilities;
    let mut last = None;
    let texts = TEXTS.iter().map(|text| {
        let text = serde_json::to_string(text).expect("JSON");
        (format!(r#"{{"value":{text},{text}:1}}"#), false)
    });
    let odd = [
        ("\"\\u0000\"", !capabilities.json_nul),
        (r#"{"a\u0000b":1}"#, !capabilities.json_nul),
        ("\"\\ud800\"", !capabilities.json_lone_surrogates),
        (r#"["\u0001\u001f\u007f"]"#, false),
        (r#"["\ud83e\udd80"]"#, false),
        ("  { \"spaced\" : [ 1 , 2 ] }  ", false),
        ("1e300", !capabilities.wide_numbers),
        ("0.1", false),
        ("1e-7", false),
        ("-9223372036854775808", false),
    ]
    .map(|(text, waived)| (text.to_owned(), waived));
    let deep = (format!("{}1{}", "[".repeat(30), "]".repeat(30)), false);
    for (version, (text, waived)) in (1..).zip(texts.chain(odd).chain([deep])) {
        let what = short(&text);
        let one = Snapshot { state: json(text.trim()), ..snapshot(version, "") };
        match case.try_put(&key, one.clone()).await {
            Ok(()) => last = Some(one),
            Err(StorageError::Unsupported { .. }) if waived => {}
            Err(error) => panic!("the state {what}: {error:?}"),
        }
        if let Some(last) = &last {
            case.expect(&key, None, last).await;
        }
    }
}
