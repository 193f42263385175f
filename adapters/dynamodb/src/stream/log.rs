use std::error::Error;
use std::fmt;
use std::sync::Arc;

use aws_sdk_dynamodb::Client as TableClient;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::StreamViewType;
use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::types::ShardIteratorType;
use castore_aws::{FailureClass, RequestError};

use super::cursors::{ShardPosition, StreamCursors};
use super::{Shard, StreamError, StreamReader, StreamStart};
use crate::DynamoDbEventStorageAdapter;
use crate::request::{Effect, Requests};

/// The stream of an event table: a log that is divided into shards.
///
/// The stream orders only the events of the same aggregate. There are no positions: events of different aggregates are
/// read in any order, and the events of a group are read one by one. The stream keeps records for 24 hours.
///
/// ```no_run
/// # async fn example(
/// #     storage: castore_dynamodb::DynamoDbEventStorageAdapter,
/// #     client: aws_sdk_dynamodbstreams::Client,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use castore_dynamodb::{DynamoDbStreamLog, StreamStart};
///
/// let log = DynamoDbStreamLog::of_table(&storage, client).await?;
/// let mut reader = log.reader(log.cursors(StreamStart::TrimHorizon))?;
/// loop {
///     for record in reader.read(100).await? {
///         println!("{:?}", record.change);
///     }
///     let _kept = serde_json::to_string(reader.cursors())?;
///     tokio::time::sleep(std::time::Duration::from_millis(500)).await;
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct DynamoDbStreamLog {
    requests: Requests<Client>,
    table: DynamoDbEventStorageAdapter,
    stream_arn: Arc<str>,
}

/// The result of reading one shard.
pub(super) struct Records {
    pub(super) records: Vec<aws_sdk_dynamodbstreams::types::Record>,
    /// The iterator for the next read, or `None` at the end of a closed shard.
    pub(super) next: Option<String>,
}

/// The error of reading one shard.
pub(super) enum Unread {
    /// The iterator has expired.
    Expired(StreamError),
    Failed(StreamError),
}

impl DynamoDbStreamLog {
    /// Returns the current stream of the storage's table. Requests are retried like requests of the storage.
    ///
    /// # Errors
    /// [`StreamError::NoStream`], [`StreamError::NoNewImages`] or [`StreamError::Request`].
    pub async fn of_table(storage: &DynamoDbEventStorageAdapter, client: Client) -> Result<Self, StreamError> {
        let requests = Requests::of_streams(&client, storage.requests().policy().clone());
        let stream_arn = current(storage).await?.into();
        Ok(Self { requests, table: storage.clone(), stream_arn })
    }

    /// Returns the ARN of the stream.
    pub fn stream_arn(&self) -> &str {
        &self.stream_arn
    }

    /// Returns cursors that begin at `start`.
    pub fn cursors(&self, start: StreamStart) -> StreamCursors {
        StreamCursors::new(&self.stream_arn, start)
    }

    /// Returns a reader that continues from these cursors. This call sends no request.
    ///
    /// # Errors
    /// [`StreamError::OtherStream`] if the cursors belong to another stream.
    pub fn reader(&self, cursors: StreamCursors) -> Result<StreamReader, StreamError> {
        if cursors.stream_arn != *self.stream_arn {
            return Err(self.other(cursors.stream_arn, self.stream_arn.to_string()));
        }
        Ok(StreamReader::new(self.clone(), cursors))
    }

    /// Checks that the table still has this stream.
    ///
    /// # Errors
    /// [`StreamError::OtherStream`] or [`StreamError::NoStream`] if the table no longer has this stream;
    /// [`StreamError::NoNewImages`] or [`StreamError::Request`].
    pub async fn check(&self) -> Result<(), StreamError> {
        match current(&self.table).await? {
            found if found == *self.stream_arn => Ok(()),
            found => Err(self.other(self.stream_arn.to_string(), found)),
        }
    }

    fn other(&self, expected: String, found: String) -> StreamError {
        StreamError::OtherStream { table_name: self.table.table_name().to_owned(), expected, found }
    }

    /// Returns the current shards of the stream.
    ///
    /// # Errors
    /// [`StreamError::NoStream`] if the stream no longer exists, or [`StreamError::Request`].
    pub async fn shards(&self) -> Result<Vec<Shard>, StreamError> {
        let mut shards = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let request = |client: &Client| {
                client
                    .describe_stream()
                    .stream_arn(&*self.stream_arn)
                    .set_exclusive_start_shard_id(after.clone())
                    .send()
            };
            let described = self.requests.send("DescribeStream", Effect::Repeatable, throttled, request).await;
            let described = match described {
                Ok(described) => described.stream_description,
                Err(failure) if failure.code() == Some("ResourceNotFoundException") => {
                    return Err(StreamError::NoStream { table_name: self.table.table_name().to_owned() });
                }
                Err(failure) => return Err(self.failed(failure)),
            };
            let Some(described) = described else {
                return Ok(shards);
            };
            shards.extend(described.shards().iter().filter_map(|shard| {
                let range = shard.sequence_number_range();
                Some(Shard {
                    id: shard.shard_id()?.to_owned(),
                    parent: shard.parent_shard_id().map(str::to_owned),
                    is_closed: range.is_some_and(|range| range.ending_sequence_number().is_some()),
                })
            }));
            after = described.last_evaluated_shard_id;
            if after.is_none() {
                return Ok(shards);
            }
        }
    }

    /// Returns an iterator that continues after the position in a shard. The iterator is valid for 15 minutes.
    pub(super) async fn iterator(&self, shard_id: &str, position: &ShardPosition) -> Result<String, StreamError> {
        let (kind, sequence_number) = match position {
            ShardPosition::After(number) => (ShardIteratorType::AfterSequenceNumber, Some(number.clone())),
            ShardPosition::Start | ShardPosition::Done => (ShardIteratorType::TrimHorizon, None),
        };
        let request = |client: &Client| {
            client
                .get_shard_iterator()
                .stream_arn(&*self.stream_arn)
                .shard_id(shard_id)
                .shard_iterator_type(kind.clone())
                .set_sequence_number(sequence_number.clone())
                .send()
        };
        match self.requests.send("GetShardIterator", Effect::Repeatable, throttled, request).await {
            // If the response has no iterator, the records have expired.
            Ok(answer) => answer.shard_iterator.ok_or_else(|| self.trimmed(shard_id)),
            Err(failure) => Err(self.of_shard(shard_id, failure)),
        }
    }

    /// Reads the next records of a shard.
    pub(super) async fn records(&self, shard_id: &str, iterator: &str, limit: usize) -> Result<Records, Unread> {
        let limit = i32::try_from(limit.clamp(1, 1_000)).unwrap_or(1_000);
        let request = |client: &Client| client.get_records().shard_iterator(iterator).limit(limit).send();
        match self.requests.send("GetRecords", Effect::Repeatable, throttled, request).await {
            Ok(answer) => Ok(Records { records: answer.records.unwrap_or_default(), next: answer.next_shard_iterator }),
            Err(failure) if failure.code() == Some("ExpiredIteratorException") => {
                Err(Unread::Expired(self.failed(failure)))
            }
            Err(failure) => Err(Unread::Failed(self.of_shard(shard_id, failure))),
        }
    }

    fn of_shard(&self, shard_id: &str, failure: RequestError) -> StreamError {
        match failure.code() {
            Some("TrimmedDataAccessException" | "ResourceNotFoundException") => self.trimmed(shard_id),
            _ => self.failed(failure),
        }
    }

    pub(super) fn trimmed(&self, shard_id: &str) -> StreamError {
        StreamError::Trimmed { table_name: self.table.table_name().to_owned(), shard_id: shard_id.to_owned() }
    }

    fn failed(&self, failure: RequestError) -> StreamError {
        StreamError::Request { table_name: self.table.table_name().to_owned(), error: failure }
    }
}

impl fmt::Debug for DynamoDbStreamLog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DynamoDbStreamLog").field("stream_arn", &self.stream_arn).finish_non_exhaustive()
    }
}

/// Returns the class of the error if the request was throttled. DynamoDB Streams reports throttling as an exceeded
/// limit.
fn throttled<E: ProvideErrorMetadata + Error>(error: &E) -> Option<FailureClass> {
    (error.code() == Some("LimitExceededException")).then_some(FailureClass::NotDone)
}

/// Returns the ARN of the table's stream.
async fn current(storage: &DynamoDbEventStorageAdapter) -> Result<String, StreamError> {
    let table_name = || storage.table_name().to_owned();
    let request = |client: &TableClient| client.describe_table().table_name(storage.table_name()).send();
    let described = storage.requests().send("DescribeTable", Effect::Repeatable, |_| None, request).await;
    let described = described.map_err(|failure| StreamError::Request { table_name: table_name(), error: failure })?;
    let table = described.table.ok_or_else(|| StreamError::NoStream { table_name: table_name() })?;
    let stream = table.stream_specification.as_ref().filter(|stream| stream.stream_enabled());
    match (stream.and_then(|stream| stream.stream_view_type()), table.latest_stream_arn) {
        (Some(StreamViewType::NewImage | StreamViewType::NewAndOldImages), Some(stream_arn)) => Ok(stream_arn),
        (Some(view), Some(_)) => {
            Err(StreamError::NoNewImages { table_name: table_name(), view: view.as_str().to_owned() })
        }
        _ => Err(StreamError::NoStream { table_name: table_name() }),
    }
}
