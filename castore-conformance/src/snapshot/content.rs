//! Tests that snapshots are returned as they were stored.

use castore_core::snapshot::Snapshot;
use castore_core::storage::StorageError;
use castore_core::time::Timestamp;

use super::SnapshotFactory;
use super::case::{SnapshotCase, snapshot};
use crate::storage::case::at;
use crate::storage::compare::json;

/// Tests that any JSON value is a valid state.
pub async fn any_json_value_is_a_state(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    for (version, text) in (1..).zip([
        "{}",
        "[]",
        "null",
        "true",
        "false",
        "0",
        "-1.5",
        r#""""#,
        r#""text""#,
        r#"{"name":"Pikachu","levels":[1,2,{"x":null}]}"#,
        r#"{"b":1,"a":{"d":[1,[2,[3,{}]],null],"c":""},"":0}"#,
        r#"{"constructor":1,"__proto__":{"x":1}}"#,
        "9007199254740993",
        "18446744073709551615",
    ]) {
        let one = Snapshot { state: json(text), ..snapshot(version, "") };
        case.put(&key, one.clone()).await;
        case.expect(&key, None, &one).await;
        // Whole numbers are compared as text, digit by digit.
        if text.starts_with(|first: char| first.is_ascii_digit()) {
            let found = case.latest(&key, None).await.expect("a snapshot");
            assert_eq!(found.state.get(), text, "a whole number");
        }
    }
}

/// Tests that the rewrite count is returned unchanged. Event stores use this count to detect that an event of the
/// aggregate was replaced after the snapshot was taken.
pub async fn rewrite_counts_are_stored(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    for (version, rewrites) in (1..).zip([0, 1, 1_000_000, u64::from(u32::MAX) + 1, (1 << 53) + 1, i64::MAX as u64]) {
        let one = Snapshot { rewrites, ..snapshot(version, "one") };
        case.put(&key, one.clone()).await;
        case.expect(&key, None, &one).await;
    }
}

/// Tests that timestamps are returned with millisecond precision.
pub async fn timestamps_are_stored(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    let epoch = Timestamp::from_unix_millis(0).expect("1970");
    for (version, event_timestamp) in (1..).zip([at(0), at(1), at(999), at(-1), at(123_456_789), epoch]) {
        let one = Snapshot { event_timestamp, ..snapshot(version, "one") };
        case.put(&key, one.clone()).await;
        case.expect(&key, None, &one).await;
    }
}

/// Tests that large states are stored completely. If the storage has a limit, larger states are rejected as
/// unsupported, and the previous snapshot stays.
pub async fn large_states_are_kept_or_refused(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    let mut last = None;
    for (version, length) in (1..).zip([1_000, 100_000, 300_000, 1 << 20]) {
        let state = json(format!(r#"{{"text":"{}"}}"#, "text with é ".repeat(length / 12)));
        let waived = state.get().len() > case.capabilities.max_payload_len;
        let one = Snapshot { state, ..snapshot(version, "") };
        match case.try_put(&key, one.clone()).await {
            Ok(()) => last = Some(one),
            Err(StorageError::Unsupported { .. }) if waived => {}
            Err(error) => panic!("a state of {length} bytes: {error:?}"),
        }
        match &last {
            Some(last) => case.expect(&key, None, last).await,
            None => assert_eq!(case.version(&key, None).await, None),
        }
    }
}
