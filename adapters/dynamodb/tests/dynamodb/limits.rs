//! Events that DynamoDB cannot store are rejected before anything is sent, with a reason.

use castore_core::storage::{
    EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, PushOptions, RawEvent, StorageError,
};
use serde_json::Value;

use crate::canned::script;
use crate::support::{event, grouped, json, with_table};

/// Returns the error for an event. Checks that the error is the same whether the event is pushed alone or in a group.
async fn refusal(event_store_id: &'static str, event: RawEvent) -> String {
    // The script is empty, because no request is sent.
    let (adapter, canned) = script([]);
    let alone = adapter.push_event(event_store_id, event.clone(), PushOptions::default()).await.unwrap_err();
    let group = vec![grouped(&adapter, event_store_id, event)];
    let in_group = adapter.push_event_group(group, PushOptions::default().force(true)).await.unwrap_err();
    assert_eq!(canned.count(), 0);
    assert_eq!(alone.to_string(), in_group.to_string());
    match alone {
        StorageError::Unsupported { what } => {
            assert!(!what.contains("secret"), "{what}");
            what
        }
        other => panic!("{other:?}"),
    }
}

fn with_payload(payload: &str) -> RawEvent {
    RawEvent { payload: Some(json(payload)), ..event("a", 3) }
}

#[tokio::test]
async fn values_that_do_not_fit_are_refused() {
    let place = "version 3 of aggregate a of event store POKEMONS";
    for (payload, reason) in [
        (
            r#"{"a":["secret",1e126]}"#,
            "a payload with a number that has more than 38 digits, or whose absolute value is greater than 9.99E+125 or less than 1E-130",
        ),
        (
            "0.1000000000000000055511151231257827021181583404541015625",
            "a payload with a number that has more than 38 digits",
        ),
        (r#"["secret\ud800"]"#, "a payload with text that is not well-formed Unicode"),
    ] {
        let refusal = refusal("POKEMONS", with_payload(payload)).await;
        assert!(refusal.starts_with(reason) && refusal.ends_with(place), "{refusal}");
    }
    let deep = format!("{}1{}", "[".repeat(32), "]".repeat(32));
    let metadata = RawEvent { payload: None, metadata: Some(json(&deep)), ..event("a", 3) };
    assert_eq!(refusal("POKEMONS", metadata).await, format!("a metadata nested more than 32 levels deep: {place}"));
}

#[tokio::test]
async fn ids_that_are_no_keys_are_refused() {
    let refused = refusal("A#B", event("C", 1)).await;
    assert!(refused.starts_with("an event store id with '#'"), "{refused}");
    let refused = refusal("", event("C", 1)).await;
    assert!(refused.starts_with("an event store id that is empty"), "{refused}");
    let refused = refusal("POKEMONS", event(&"x".repeat(2040), 1)).await;
    assert!(refused.starts_with("ids of more than 2047 bytes together"), "{refused}");
    assert!(refused.len() < 300, "the id is not repeated in full: {refused}");
}

#[tokio::test]
async fn timestamps_that_sort_wrongly_are_refused() {
    for moment in ["-000001-01-01T00:00:00.000Z", "+010000-01-01T00:00:00.000Z"] {
        let refused = refusal("POKEMONS", RawEvent { timestamp: moment.parse().unwrap(), ..event("a", 1) }).await;
        assert!(refused.starts_with(&format!("the timestamp {moment}")), "{refused}");
    }
}

#[tokio::test]
async fn items_of_more_than_400_kb_are_refused() {
    let payload = |length: usize| with_payload(&format!("\"{}\"", "x".repeat(length)));
    let refused = refusal("POKEMONS", payload(400 * 1024)).await;
    assert!(refused.contains("(at most 409600)") && refused.starts_with("an item of 409682 bytes"), "{refused}");
    let refused = refusal("POKEMONS", payload(5_000_000)).await;
    assert!(refused.starts_with("payload of 5000002 bytes"), "{refused}");
    // Names and the other values count, too: this is the largest possible event.
    let others = "payloadaggregateIdPOKEMONS#aversiontypeAPPEAREDtimestamp2024-02-29T12:34:56.789Z".len() + 2;
    let adapter = with_table().await;
    let largest = payload(409_600 - others);
    adapter.push_event("POKEMONS", largest.clone(), PushOptions::default()).await.unwrap();
    let stored = adapter.get_events("POKEMONS", "a", GetEventsOptions::default()).await.unwrap();
    assert_eq!(stored[0].payload.as_ref().unwrap().get(), largest.payload.unwrap().get());
    refusal("POKEMONS", payload(409_601 - others)).await;
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_there_and_not_asked_for() {
    let (adapter, canned) = script([]);
    for (store, aggregate) in [("A#B", "C"), ("", "C"), ("A", &*"x".repeat(3_000))] {
        assert!(adapter.get_events(store, aggregate, GetEventsOptions::default()).await.unwrap().is_empty());
    }
    for store in ["A#B", ""] {
        let page = adapter.list_aggregate_ids(store, ListAggregateIdsOptions::default()).await.unwrap();
        assert_eq!(page, Default::default());
    }
    let none = GetEventsOptions::default().min_version(3).max_version(2);
    assert!(adapter.get_events("A", "B", none).await.unwrap().is_empty());
    let none = GetEventsOptions::default().limit(0);
    assert!(adapter.get_events("A", "B", none).await.unwrap().is_empty());
    for (after, before) in [
        (Some("2024-01-02T00:00:00.000Z"), Some("2024-01-01T00:00:00.000Z")),
        (Some("+010000-01-01T00:00:00.000Z"), None),
        (None, Some("-000001-01-01T00:00:00.000Z")),
    ] {
        let options = {
            let mut options = ListAggregateIdsOptions::default();
            options.initial_event_after = after.map(|moment| moment.parse().unwrap());
            options.initial_event_before = before.map(|moment| moment.parse().unwrap());
            options
        };
        assert_eq!(adapter.list_aggregate_ids("A", options).await.unwrap(), Default::default());
    }
    assert_eq!(canned.count(), 0);
}

/// Ids of different pairs must not be confused, even if they look alike when they are joined.
#[tokio::test]
async fn store_and_aggregate_ids_are_not_joined() {
    const PAIRS: &[(&str, &str)] = &[
        ("A", "B#C"),
        ("A", "B:C"),
        ("A:B", "C"),
        ("AB", "C"),
        ("A", "BC"),
        ("A", "#B"),
        ("a", "A"),
        ("A", "A"),
        ("A ", "A"),
        ("🦀", "A"),
    ];
    let adapter = with_table().await;
    for (store, aggregate) in PAIRS {
        let marked = RawEvent { payload: Some(json(&format!("\"{store}|{aggregate}\""))), ..event(aggregate, 1) };
        adapter.push_event(store, marked, PushOptions::default()).await.unwrap();
    }
    for (store, aggregate) in PAIRS {
        let events = adapter.get_events(store, aggregate, GetEventsOptions::default()).await.unwrap();
        let payloads: Vec<_> = events.iter().map(|event| event.payload.as_ref().unwrap().get().to_owned()).collect();
        assert_eq!(payloads, [format!("\"{store}|{aggregate}\"")]);
        assert_eq!(events[0].aggregate_id, *aggregate);
    }
    assert!(adapter.get_events("A#B", "C", GetEventsOptions::default()).await.unwrap().is_empty());
}

/// Numbers keep their value, whatever notation DynamoDB returns.
#[tokio::test]
async fn json_is_kept_by_value() {
    let adapter = with_table().await;
    let deep = format!("{}1{}", "[".repeat(31), "]".repeat(31));
    let texts = [
        "9007199254740993",
        "18446744073709551615",
        "-9223372036854775808",
        "0.1",
        "1.0",
        "1E3",
        "1e+3",
        "-0.0",
        "1e125",
        "1e-130",
        r#"{"a\u0000b":"\u0000"}"#,
        r#""\ud83e\udd80""#,
        r#""\/\b\f\n\r\t\u0041""#,
        r#"{ "b" : 1 ,  "a":	[ 2 , 3 ] }"#,
        &deep,
    ];
    for (version, text) in (1..).zip(texts) {
        let event = RawEvent {
            payload: Some(json(text)),
            metadata: Some(json(&if text == deep { "{}".to_owned() } else { format!(r#"{{"of":{text}}}"#) })),
            ..event("odd", version)
        };
        adapter.push_event("POKEMONS", event, PushOptions::default()).await.unwrap();
        let only = GetEventsOptions::default().min_version(version).max_version(version);
        let read = adapter.get_events("POKEMONS", "odd", only).await.unwrap().remove(0).payload.unwrap();
        let (read, expected): (Value, Value) =
            (serde_json::from_str(read.get()).unwrap(), serde_json::from_str(text).unwrap());
        match (read.as_f64(), expected.as_f64()) {
            (Some(read_number), Some(number)) if !(read.is_u64() && expected.is_u64()) => {
                assert_eq!(read_number, number, "{text}")
            }
            _ => assert_eq!(read, expected, "{text}"),
        }
    }
}
