//! The DynamoDB event storage adapter of [castore](https://docs.rs/castore). The adapter uses the single-table layout
//! of the original TypeScript package `@castore/event-storage-adapter-dynamodb`, so services in TypeScript and in Rust
//! can share a table.
//!
//! ```no_run
//! use castore_dynamodb::{CreateTableOptions, DynamoDbEventStorageAdapter};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = aws_config::load_from_env().await;
//! let client = aws_sdk_dynamodb::Client::new(&config);
//! let storage = DynamoDbEventStorageAdapter::new(client, "events");
//! storage.create_event_table(CreateTableOptions::default()).await?;
//! // ... give clones of `storage` to event stores ...
//! # Ok(())
//! # }
//! ```
//!
//! # Dependencies
//! You provide the DynamoDB client, which contains an HTTP client: this crate depends on neither a TLS stack nor a
//! credentials provider. The simplest setup is `aws-config` and `aws-sdk-dynamodb` with their default features. To
//! choose the TLS stack, use both with `default-features = false, features = ["rt-tokio"]` (and
//! `behavior-version-latest` for `aws-config`), and configure an HTTP client. The crate `aws-smithy-http-client`
//! provides one, for example with its feature `rustls-ring`.
//!
//! # Integers beyond 2^53
//! Integers beyond 2^53 are stored with all their digits, and this library reads them exactly. The original package
//! reads them as `BigInt`, for which `JSON.stringify` throws an exception. With `EventStore::refuse_unsafe_integers`,
//! pushes of events with such integers are rejected.
//!
//! # Guarantees
//! * A push is one put (a `PutItem` request), which is conditional unless the push is forced. A group is one
//!   transaction, and so is a push that [checks for gaps](DynamoDbEventStorageAdapterBuilder::refuse_gaps) or [counts a
//!   rewrite](DynamoDbEventStorageAdapterBuilder::rewrites_table). When the call succeeds, the push or the whole group
//!   is stored with DynamoDB's durability. There is no log of all events, so there is no
//!   [`PushReceipt::position`](castore_core::storage::PushReceipt::position): the table's stream orders the events of
//!   each aggregate only.
//! * Event reads are strongly consistent: a read that begins after a push has returned sees the event. This does not
//!   apply if [`consistent_reads`](DynamoDbEventStorageAdapterBuilder::consistent_reads) is set to `false`. While a
//!   group is being stored, a read may see some of its events before the others. Lists of aggregates are read from an
//!   index, which is eventually consistent. A page may have a token even if no aggregates follow, and the order of
//!   aggregates that began in the same millisecond is chosen by DynamoDB.
//! * Throttled requests and conflicting transactions are retried with random, exponential backoff (see
//!   [`DynamoDbEventStorageAdapterBuilder::attempts`]). Reads and transactions are also retried if a response is lost.
//!   After a lost response, a push that is a single put is not retried, but returns
//!   [`UnknownOutcome`](castore_core::storage::StorageError::UnknownOutcome): a second put would report the event of
//!   the first put as a conflict.
//! * Event groups may span adapters that are clones of each other, that were created with [another
//!   table](DynamoDbEventStorageAdapter::with_table_name), or that have the same
//!   [`storage_name`](DynamoDbEventStorageAdapterBuilder::storage_name).
//! * Errors of DynamoDB are [`RequestError`]s, as the source of the storage error. These errors contain no stored data.
//!
//! # Limits of DynamoDB
//! Before anything is sent, a push is rejected with [`Unsupported`](castore_core::storage::StorageError::Unsupported)
//! if it contains one of the following:
//! * groups of more than 4 MB; groups whose events, gap checks and rewrite counters are more than 100 in total; events
//!   of more than 400 KB;
//! * event store ids that are empty or contain a `#`; an event store id and an aggregate id with more than 2047 bytes
//!   in total;
//! * numbers of more than 38 digits, or with an absolute value greater than 9.99E+125 or less than 1E-130; text with
//!   unpaired surrogates; payloads nested more than 32 levels deep, including the payload itself;
//! * timestamps before the year 0 or after 9999, whose texts do not sort chronologically.
//!
//! Numbers keep their value, but not their notation. If an object contains a key twice, the last value is kept.
//!
//! # Additional tables
//! Each of the following uses a separate table, which the original package does not have. The event table cannot
//! contain these items, because they would appear in its stream.
//!
//! * [`DynamoDbSnapshotAdapter`] stores snapshots. A [rewrites
//!   table](DynamoDbEventStorageAdapterBuilder::rewrites_table) records when the snapshots of an aggregate are no
//!   longer valid.
//! * [`DynamoDbRelay`] publishes the events of the event table's stream on a channel. Its lease and its cursors are in
//!   the relay's own table.
//!
//! In a Lambda function, [`LambdaStreamHandler`] publishes the events instead of a relay. The handler needs no lease
//! and no additional table.
//!
//! [`DynamoDbStreamLog`] reads the shards of the table's stream, each shard after its parent, with cursors that can be
//! stored. [`parse_image`] decodes an image from any source.
//!
//! Forced pushes by other programs, for example services that use the original package, are visible only in the stream.
//! If neither a relay nor a Lambda handler with a rewrites table runs, outdated snapshots of the rewritten aggregates
//! stay in use.
//!
//! # The table
//! The partition key is `aggregateId`, with the value `<event store>#<aggregate>`; the sort key is `version`. The other
//! attributes are `type`, `timestamp`, `payload` and `metadata`. The payload and the metadata are DynamoDB values, not
//! JSON text. The event of version 1 also has `eventStoreId`, which puts it into the index `initialEvents`, sorted by
//! `timestamp`.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod event_table;
mod item;
mod lambda;
mod relay;
mod request;
mod snapshot;
mod storage;
mod stores;
mod stream;
mod table;

/// The AWS SDK, for the client that is passed to adapters.
pub use aws_sdk_dynamodb;
pub use castore_aws::RequestError;
pub use castore_relay::{PublishableOn, RelayRole, RelayStatus};
pub use event_table::{
    EVENT_TABLE_EVENT_STORE_ID_KEY, EVENT_TABLE_INITIAL_EVENT_INDEX_NAME, EVENT_TABLE_PK, EVENT_TABLE_SK,
    EVENT_TABLE_TIMESTAMP_KEY,
};
pub use item::{ParseImageError, parse_image};
pub use lambda::{
    LambdaBatchResponse, LambdaItemFailure, LambdaStreamEvent, LambdaStreamHandler, LambdaStreamHandlerBuilder,
    LambdaStreamRecord,
};
pub use relay::{
    DynamoDbRelay, DynamoDbRelayBuilder, DynamoDbRelayError, DynamoDbRelayStart, OnGap, ParkedStreamAggregate,
};
pub use snapshot::DynamoDbSnapshotAdapter;
pub use storage::{DynamoDbEventStorageAdapter, DynamoDbEventStorageAdapterBuilder};
pub use stream::{
    DynamoDbStreamLog, Shard, StreamChange, StreamCursors, StreamError, StreamReader, StreamRecord, StreamStart,
};
pub use table::{CreateTableError, CreateTableOptions};
