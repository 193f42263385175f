//! Stream features that the emulator lacks: split and closed shards, trimmed records, expired iterators.

use castore_dynamodb::{DynamoDbStreamLog, Shard, StreamChange, StreamError, StreamReader, StreamStart};
use serde_json::{Value, json};

use crate::canned::{Answer, Canned, error, ok};

const ARN: &str = "arn:aws:dynamodb:us-east-1:111111111111:table/events/stream/2024";

fn table() -> Answer {
    table_with(ARN)
}

fn table_with(stream_arn: &str) -> Answer {
    let stream = json!({ "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" });
    ok(json!({ "Table": { "LatestStreamArn": stream_arn, "StreamSpecification": stream } }))
}

/// Returns the response that lists the given shards: for each shard, its id, its parent, and whether it is closed.
fn shards(shards: &[(&str, Option<&str>, bool)]) -> Answer {
    ok(json!({ "StreamDescription": { "Shards": shards_json(shards) } }))
}

fn shards_json(shards: &[(&str, Option<&str>, bool)]) -> Vec<Value> {
    let shard = |(id, parent, is_closed): &(&str, Option<&str>, bool)| {
        let mut range = json!({ "StartingSequenceNumber": "1" });
        if *is_closed {
            range["EndingSequenceNumber"] = "9".into();
        }
        let mut shard = json!({ "ShardId": id, "SequenceNumberRange": range });
        if let Some(parent) = parent {
            shard["ParentShardId"] = (*parent).into();
        }
        shard
    };
    shards.iter().map(shard).collect()
}

fn iterator(name: &str) -> Answer {
    ok(json!({ "ShardIterator": name }))
}

/// Returns records of aggregate `a` by version. Sequence numbers are a hundred times the version.
fn records(versions: &[u64], next: Option<&str>) -> Answer {
    let record = |version: &u64| {
        let number = version.to_string();
        let image = json!({
            "aggregateId": { "S": "POKEMONS#a" }, "version": { "N": number }, "type": { "S": "APPEARED" },
            "timestamp": { "S": "2024-02-29T12:34:56.789Z" },
        });
        let content = json!({
            "SequenceNumber": format!("{number}00"), "NewImage": image, "ApproximateCreationDateTime": 1_709_210_096,
            "Keys": { "aggregateId": { "S": "POKEMONS#a" }, "version": { "N": number } },
        });
        json!({ "eventName": "INSERT", "dynamodb": content })
    };
    let mut answer = json!({ "Records": versions.iter().map(record).collect::<Vec<_>>() });
    if let Some(next) = next {
        answer["NextShardIterator"] = next.into();
    }
    ok(answer)
}

async fn reader(answers: impl IntoIterator<Item = Answer>) -> (StreamReader, Canned) {
    let canned = Canned::new([table()].into_iter().chain(answers));
    let log = DynamoDbStreamLog::of_table(&canned.adapter(), canned.streams()).await.unwrap();
    (log.reader(log.cursors(StreamStart::TrimHorizon)).unwrap(), canned)
}

async fn versions(reader: &mut StreamReader) -> Vec<u64> {
    let version = |change| match change {
        StreamChange::Stored { event, .. } => event.version,
        other => panic!("{other:?}"),
    };
    reader.read(5).await.unwrap().into_iter().map(|record| version(record.change)).collect()
}

/// Returns a short form of the requests to the stream.
fn asked(canned: &Canned) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let short = |(operation, body): &(String, Value)| match operation.as_str() {
        "GetShardIterator" => {
            let of = text(&body["ShardId"]);
            format!("{of} {} {}", text(&body["ShardIteratorType"]), text(&body["SequenceNumber"])).trim().to_owned()
        }
        "GetRecords" => {
            assert_eq!(body["Limit"], 5);
            format!("read {}", text(&body["ShardIterator"]))
        }
        other => other.to_owned(),
    };
    canned.requests().iter().map(short).collect()
}

#[tokio::test]
async fn a_shard_that_splits_is_read_before_its_children() {
    let before = [("p", None, false)];
    let after = [("p", None, true), ("l", Some("p"), false), ("r", Some("p"), false)];
    let (mut reader, canned) = reader([
        table(),
        shards(&before),
        iterator("p1"),
        records(&[1, 2], Some("p2")),
        // This page is empty, although the shard has not ended.
        records(&[], Some("p3")),
        records(&[3], None),
        table(),
        shards(&after),
        iterator("l1"),
        records(&[4], Some("l2")),
        iterator("r1"),
        records(&[], Some("r2")),
    ])
    .await;
    assert_eq!(versions(&mut reader).await, [1, 2]);
    assert_eq!(versions(&mut reader).await, [0; 0]);
    assert_eq!(versions(&mut reader).await, [3]);
    assert_eq!(versions(&mut reader).await, [4]);
    assert_eq!(canned.count(), 13);
    let asked = asked(&canned);
    assert_eq!(
        asked[1..8],
        ["DescribeTable", "DescribeStream", "p TRIM_HORIZON", "read p1", "read p2", "read p3", "DescribeTable"]
    );
    let mut children = asked[9..].to_vec();
    children.sort();
    assert_eq!(children, ["l TRIM_HORIZON", "r TRIM_HORIZON", "read l1", "read r1"]);
}

#[tokio::test]
async fn shards_are_listed_page_after_page() {
    let first = json!({ "Shards": shards_json(&[("a", None, true)]), "LastEvaluatedShardId": "a" });
    let canned = Canned::new([table(), ok(json!({ "StreamDescription": first })), shards(&[("b", Some("a"), false)])]);
    let log = DynamoDbStreamLog::of_table(&canned.adapter(), canned.streams()).await.unwrap();
    let shard = |id: &str, parent: Option<&str>, is_closed| Shard {
        id: id.to_owned(),
        parent: parent.map(str::to_owned),
        is_closed,
    };
    assert_eq!(log.shards().await.unwrap(), [shard("a", None, true), shard("b", Some("a"), false)]);
    assert_eq!(canned.requests()[2].1["ExclusiveStartShardId"], "a");
    assert_eq!(canned.count(), 3);
}

#[tokio::test]
async fn an_expired_iterator_is_recreated_after_the_last_record() {
    let (mut reader, canned) = reader([
        table(),
        shards(&[("a", None, false)]),
        iterator("a1"),
        records(&[1, 2], Some("a2")),
        error("ExpiredIteratorException"),
        iterator("a3"),
        records(&[3], Some("a4")),
        error("ExpiredIteratorException"),
        iterator("a5"),
        error("ExpiredIteratorException"),
    ])
    .await;
    assert_eq!(versions(&mut reader).await, [1, 2]);
    assert_eq!(versions(&mut reader).await, [3]);
    // The reader does not repeat the request endlessly.
    let error = reader.read(5).await.unwrap_err();
    assert!(matches!(&error, StreamError::Request { .. }) && !error.is_gap(), "{error:?}");
    assert_eq!(canned.count(), 11);
    let asked = asked(&canned);
    assert_eq!(asked[5..8], ["read a2", "a AFTER_SEQUENCE_NUMBER 200", "read a3"]);
}

#[tokio::test]
async fn throttled_reads_are_tried_again() {
    let (mut reader, canned) = reader([
        table(),
        shards(&[("a", None, false)]),
        error("LimitExceededException"),
        iterator("a1"),
        error("LimitExceededException"),
        error("ThrottlingException"),
        records(&[1], Some("a2")),
    ])
    .await;
    assert_eq!(versions(&mut reader).await, [1]);
    assert_eq!(canned.count(), 8);
}

#[tokio::test]
async fn trimmed_records_are_errors_and_never_skipped() {
    let (mut reader, canned) = reader([
        table(),
        shards(&[("a", None, false)]),
        iterator("a1"),
        records(&[1], Some("a2")),
        error("TrimmedDataAccessException"),
        error("TrimmedDataAccessException"),
        error("ResourceNotFoundException"),
    ])
    .await;
    assert_eq!(versions(&mut reader).await, [1]);
    for _ in 0..3 {
        let error = reader.read(5).await.unwrap_err();
        assert!(matches!(&error, StreamError::Trimmed { shard_id, .. } if shard_id == "a"), "{error:?}");
        assert!(error.is_gap());
        assert_eq!(
            error.to_string(),
            "records of shard a of the stream of table events expired before they were read, so events were missed; \
             read them from the table, or start the relay with `OnGap::Backfill`"
        );
    }
    assert_eq!(canned.count(), 8);
}

#[tokio::test]
async fn a_shard_that_is_gone_before_its_end_is_a_gap() {
    let (mut one, _) = reader([
        table(),
        shards(&[("a", None, true), ("b", Some("a"), false)]),
        iterator("a1"),
        records(&[1], Some("a2")),
    ])
    .await;
    assert_eq!(versions(&mut one).await, [1]);
    // One day later, another process continues with the stored cursors.
    let canned = Canned::new([table(), table(), shards(&[("b", Some("a"), false)])]);
    let log = DynamoDbStreamLog::of_table(&canned.adapter(), canned.streams()).await.unwrap();
    let mut later = log.reader(one.cursors().clone()).unwrap();
    let error = later.read(5).await.unwrap_err();
    assert!(matches!(&error, StreamError::Trimmed { shard_id, .. } if shard_id == "a"), "{error:?}");
    assert_eq!(canned.count(), 3);
}

#[tokio::test]
async fn another_stream_is_noticed_when_a_shard_ends() {
    let (mut reader, canned) = reader([
        table(),
        shards(&[("a", None, false)]),
        iterator("a1"),
        records(&[1], None),
        table_with("arn:another"),
    ])
    .await;
    assert_eq!(versions(&mut reader).await, [1]);
    let error = reader.read(5).await.unwrap_err();
    assert!(matches!(&error, StreamError::OtherStream { found, .. } if found == "arn:another"), "{error:?}");
    assert_eq!(canned.count(), 6);
}

#[tokio::test]
async fn one_shard_that_fails_does_not_cost_what_another_has() {
    let (mut reader, canned) = reader([
        table(),
        shards(&[("a", None, false), ("b", None, false)]),
        iterator("a1"),
        error("AccessDeniedException"),
        iterator("b1"),
        records(&[1], Some("b2")),
        error("AccessDeniedException"),
        error("AccessDeniedException"),
    ])
    .await;
    assert_eq!(versions(&mut reader).await, [1]);
    assert!(matches!(reader.read(5).await, Err(StreamError::Request { .. })));
    assert_eq!(canned.count(), 9);
}
