//! The table's stream, tested with the emulator.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{AttributeValue, StreamSpecification, StreamViewType};
use castore_core::storage::{EventStorageAdapter, PushOptions, RawEvent};
use castore_core::time::Timestamp;
use castore_dynamodb::{
    CreateTableOptions, DynamoDbEventStorageAdapter, DynamoDbStreamLog, ParseImageError, StreamChange, StreamCursors,
    StreamError, StreamReader, StreamStart,
};

use crate::support::{TABLE, clients_of_new_account, event, grouped, json, with_stream};

const ONCE: PushOptions = PushOptions::new();
const FORCE: PushOptions = PushOptions::new().force(true);

/// Reads until `count` changes were returned.
async fn read(reader: &mut StreamReader, count: usize) -> Vec<StreamChange> {
    let give_up = Instant::now() + Duration::from_secs(10);
    let mut changes = Vec::new();
    while changes.len() < count {
        assert!(Instant::now() < give_up, "{changes:?}");
        changes.extend(reader.read(7).await.unwrap().into_iter().map(|record| record.change));
    }
    changes
}

/// Returns a text for each change: its kind, the store, the aggregate and the version.
fn told(changes: &[StreamChange]) -> Vec<String> {
    changes
        .iter()
        .map(|change| match change {
            StreamChange::Stored { event_store_id, event } => {
                format!("{event_store_id} {} {}", event.aggregate_id, event.version)
            }
            StreamChange::Rewritten { event_store_id, aggregate_id, version } => {
                format!("rewritten {event_store_id} {aggregate_id} {version}")
            }
            other => format!("{other:?}"),
        })
        .collect()
}

async fn nothing(reader: &mut StreamReader) {
    for _ in 0..3 {
        let records = reader.read(100).await.unwrap();
        assert!(records.is_empty(), "{records:?}");
    }
}

#[tokio::test]
async fn what_is_stored_is_in_the_stream_as_it_was_stored() {
    let (adapter, streams) = with_stream().await;
    let log = DynamoDbStreamLog::of_table(&adapter, streams).await.unwrap();
    let mut reader = log.reader(log.cursors(StreamStart::TrimHorizon)).unwrap();
    nothing(&mut reader).await;
    let odd = RawEvent {
        payload: Some(json(r#"{"list":[1,"two",null,true,{"deep":[]}],"wide":1.5e100}"#)),
        metadata: Some(json("null")),
        ..event("a#b", 1)
    };
    adapter.push_event("POKEMONS", odd.clone(), ONCE).await.unwrap();
    adapter.push_event("POKEMONS", RawEvent { payload: None, ..event("a#b", 2) }, ONCE).await.unwrap();
    let conflict = adapter.push_event("POKEMONS", event("a#b", 2), ONCE).await;
    assert!(conflict.is_err());
    let changes = read(&mut reader, 2).await;
    assert_eq!(told(&changes), ["POKEMONS a#b 1", "POKEMONS a#b 2"]);
    let [StreamChange::Stored { event: first, .. }, StreamChange::Stored { event: second, .. }] = &changes[..] else {
        panic!("{changes:?}")
    };
    assert_eq!((&*first.event_type, first.timestamp), (&*odd.event_type, odd.timestamp));
    let value = |json: &serde_json::value::RawValue| serde_json::from_str::<serde_json::Value>(json.get()).unwrap();
    assert_eq!(value(first.payload.as_ref().unwrap()), value(odd.payload.as_ref().unwrap()));
    assert_eq!(first.metadata.as_ref().unwrap().get(), "null");
    assert!(second.payload.is_none());
    nothing(&mut reader).await;
}

#[tokio::test]
async fn groups_arrive_event_by_event_and_replaced_events_are_marked() {
    let (adapter, streams) = with_stream().await;
    let log = DynamoDbStreamLog::of_table(&adapter, streams).await.unwrap();
    let mut reader = log.reader(log.cursors(StreamStart::TrimHorizon)).unwrap();
    let group = vec![
        grouped(&adapter, "POKEMONS", event("a", 1)),
        grouped(&adapter, "TRAINERS", event("b", 1)),
        grouped(&adapter, "POKEMONS", event("a", 2)),
    ];
    adapter.push_event_group(group, ONCE).await.unwrap();
    let mut stored = told(&read(&mut reader, 3).await);
    assert!(stored.iter().position(|one| one == "POKEMONS a 1") < stored.iter().position(|one| one == "POKEMONS a 2"));
    stored.sort();
    assert_eq!(stored, ["POKEMONS a 1", "POKEMONS a 2", "TRAINERS b 1"]);
    let other = RawEvent { payload: Some(json("2")), ..event("a", 1) };
    adapter.push_event("POKEMONS", other, FORCE).await.unwrap();
    // A forced push of a version that is not taken stores a new event.
    adapter.push_event("POKEMONS", event("a", 3), FORCE).await.unwrap();
    assert_eq!(told(&read(&mut reader, 2).await), ["rewritten POKEMONS a 1", "POKEMONS a 3"]);
}

#[tokio::test]
async fn changes_and_removals_by_others_are_reported() {
    let (client, streams) = clients_of_new_account();
    let adapter = DynamoDbEventStorageAdapter::new(client.clone(), TABLE);
    let options = CreateTableOptions::default().stream(StreamViewType::NewAndOldImages);
    adapter.create_event_table(options).await.unwrap();
    let log = DynamoDbStreamLog::of_table(&adapter, streams).await.unwrap();
    let mut reader = log.reader(log.cursors(StreamStart::TrimHorizon)).unwrap();
    adapter.push_event("POKEMONS", event("a", 1), ONCE).await.unwrap();
    let key = |id: &str, version: u64| {
        HashMap::from([
            ("aggregateId".to_owned(), AttributeValue::S(id.to_owned())),
            ("version".to_owned(), AttributeValue::N(version.to_string())),
        ])
    };
    client.delete_item().table_name(TABLE).set_key(Some(key("POKEMONS#a", 1))).send().await.unwrap();
    client.put_item().table_name(TABLE).set_item(Some(key("no store", 1))).send().await.unwrap();
    client.put_item().table_name(TABLE).set_item(Some(key("POKEMONS#b", 2))).send().await.unwrap();
    let changes = read(&mut reader, 4).await;
    assert_eq!(told(&changes[..2]), ["POKEMONS a 1", "rewritten POKEMONS a 1"]);
    let StreamChange::Unreadable { place: None, error } = &changes[2] else { panic!("{changes:?}") };
    assert_eq!(*error, ParseImageError::UnknownEventStore { event_store_id: "no store".to_owned() });
    let StreamChange::Unreadable { place: Some(place), error } = &changes[3] else { panic!("{changes:?}") };
    assert_eq!(*place, ("POKEMONS".to_owned(), "b".to_owned(), 2));
    assert!(matches!(error, ParseImageError::Attribute { .. }), "{error:?}");
}

#[tokio::test]
async fn stored_cursors_continue_from_their_position() {
    let (adapter, streams) = with_stream().await;
    for version in 1..=20 {
        adapter.push_event("POKEMONS", event("a", version), ONCE).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut kept: Option<String> = None;
    // Each reader starts from the stored cursors, as in another process.
    while seen.len() < 20 {
        let log = DynamoDbStreamLog::of_table(&adapter, streams.clone()).await.unwrap();
        let cursors: StreamCursors = match &kept {
            Some(kept) => serde_json::from_str(kept).unwrap(),
            None => log.cursors(StreamStart::TrimHorizon),
        };
        let mut reader = log.reader(cursors).unwrap();
        seen.extend(told(&read(&mut reader, 1).await));
        kept = Some(serde_json::to_string(reader.cursors()).unwrap());
    }
    assert_eq!(seen, (1..=20).map(|version| format!("POKEMONS a {version}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_reader_can_begin_now_or_at_a_moment() {
    let (adapter, streams) = with_stream().await;
    adapter.push_event("POKEMONS", event("a", 1), ONCE).await.unwrap();
    let log = DynamoDbStreamLog::of_table(&adapter, streams).await.unwrap();
    let later = Timestamp::from_unix_millis(Timestamp::now().unix_millis() + 60_000).unwrap();
    let mut reader = log.reader(log.cursors(StreamStart::Since(later))).unwrap();
    nothing(&mut reader).await;
    let mut reader = log.reader(log.cursors(StreamStart::Latest)).unwrap();
    adapter.push_event("POKEMONS", event("a", 2), ONCE).await.unwrap();
    let changes = told(&read(&mut reader, 1).await);
    assert_eq!(changes.last().unwrap(), "POKEMONS a 2");
}

#[tokio::test]
async fn tables_without_a_fitting_stream_are_refused() {
    let (client, streams) = clients_of_new_account();
    let without = DynamoDbEventStorageAdapter::new(client.clone(), "without");
    without.create_event_table(CreateTableOptions::default()).await.unwrap();
    let error = DynamoDbStreamLog::of_table(&without, streams.clone()).await.unwrap_err();
    assert!(matches!(error, StreamError::NoStream { .. }), "{error:?}");
    let keys_only = DynamoDbEventStorageAdapter::new(client, "keys-only");
    let options = CreateTableOptions::default().stream(StreamViewType::KeysOnly);
    keys_only.create_event_table(options).await.unwrap();
    let error = DynamoDbStreamLog::of_table(&keys_only, streams).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the stream of table keys-only has view type KEYS_ONLY, but NEW_IMAGE or NEW_AND_OLD_IMAGES is required"
    );
}

#[tokio::test]
async fn a_recreated_stream_is_detected() {
    let (client, streams) = clients_of_new_account();
    let adapter = DynamoDbEventStorageAdapter::new(client.clone(), TABLE);
    let options = CreateTableOptions::default().stream(StreamViewType::NewImage);
    adapter.create_event_table(options.clone()).await.unwrap();
    let old = DynamoDbStreamLog::of_table(&adapter, streams.clone()).await.unwrap();
    let off = StreamSpecification::builder().stream_enabled(false).build().unwrap();
    client.update_table().table_name(TABLE).stream_specification(off).send().await.unwrap();
    assert!(matches!(old.check().await, Err(StreamError::NoStream { .. })));
    // Streams are distinguished by their creation time.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    adapter.create_event_table(options).await.unwrap();
    let error = old.check().await.unwrap_err();
    assert!(matches!(&error, StreamError::OtherStream { .. }) && error.is_gap(), "{error:?}");
    let new = DynamoDbStreamLog::of_table(&adapter, streams).await.unwrap();
    let error = new.reader(old.cursors(StreamStart::TrimHorizon)).unwrap_err();
    assert!(matches!(error, StreamError::OtherStream { .. }), "{error:?}");
}
