//! The DynamoDB event storage adapter of [castore](https://docs.rs/castore). Applications use this crate as
//! `castore::dynamodb`, with the feature `dynamodb` of the `castore` crate. The adapter uses the single-table layout of
//! the original TypeScript package `@castore/event-storage-adapter-dynamodb`, so that services in TypeScript and in
//! Rust can share a table.
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
//! The program provides the DynamoDB client and its HTTP client, because this crate includes neither TLS nor
//! credentials. The simplest way is to add `aws-config` and `aws-sdk-dynamodb` with their default features.
//!
//! To choose the TLS stack, add both crates with `default-features = false, features = ["rt-tokio"]`. `aws-config` also
//! needs the feature `behavior-version-latest`. Then set an HTTP client of the crate `aws-smithy-http-client` in the
//! configuration, for example with its feature `rustls-ring`.
//!
//! # Guarantees
//! * **Pushes.** A push is one `PutItem` request, which is conditional unless the push is forced. A push is a
//!   transaction instead if it [checks for gaps](DynamoDbEventStorageAdapterBuilder::refuse_gaps) or
//!   [counts a rewrite](DynamoDbEventStorageAdapterBuilder::rewrites_table). An event group is always one transaction.
//!   When the call succeeds, the event or the whole group is stored with DynamoDB's durability.
//! * **No event log.** DynamoDB has no total order of all events: the table's stream orders only the events of each
//!   aggregate. Therefore a push returns no [`position`](castore_core::storage::PushReceipt::position).
//! * **Reads.** Reads of events are strongly consistent: a read that begins after a push has returned sees the event.
//!   To read with eventual consistency, set [`consistent_reads`](DynamoDbEventStorageAdapterBuilder::consistent_reads)
//!   to `false`. While a group is being stored, a read may see some of its events before the others.
//! * **Lists.** Lists of aggregates are read from an index, which is eventually consistent. A page may have a token
//!   even if no aggregates follow. Aggregates that began in the same millisecond are listed in an order that DynamoDB
//!   chooses.
//! * **Retries.** Throttled requests and conflicting transactions are retried with random, exponential backoff (see
//!   [`DynamoDbEventStorageAdapterBuilder::attempts`]). Reads and transactions are also retried if a response is lost.
//!   After a lost response, a push with a single `PutItem` request is not retried, because a second request would
//!   report the event of the first one as a conflict. The push returns
//!   [`UnknownOutcome`](castore_core::storage::StorageError::UnknownOutcome) instead.
//! * **Groups of several adapters.** All events of a group must be in one storage. Two adapters are one storage if they
//!   are clones, if one was created from the other with [another table](DynamoDbEventStorageAdapter::with_table_name),
//!   or if both have the same [`storage_name`](DynamoDbEventStorageAdapterBuilder::storage_name).
//! * **Errors.** The source of a storage error is a [`RequestError`] if DynamoDB rejected a request or was unavailable.
//!   Errors contain no stored data.
//!
//! # Integers beyond 2^53
//! Integers beyond 2^53 are stored with all their digits, and this library reads them exactly. The original package
//! reads them as `BigInt`, for which `JSON.stringify` throws an exception. `EventStore::refuse_unsafe_integers` rejects
//! pushes of events with such integers.
//!
//! # Limits of DynamoDB
//! DynamoDB cannot store the following. A push that contains one of them is rejected with
//! [`Unsupported`](castore_core::storage::StorageError::Unsupported) before anything is sent.
//!
//! * **Events** of more than 400 KB.
//! * **Groups** of more than 4 MB, and groups whose events, gap checks and rewrite counters are more than 100 in total.
//! * **Ids**: event store ids that are empty or contain a `#`, and an event store id and an aggregate id with more than
//!   2047 bytes in total.
//! * **Numbers** of more than 38 digits, and numbers other than 0 whose absolute value is greater than 9.99E+125 or
//!   less than 1E-130.
//! * **Text** with unpaired surrogates.
//! * **Payloads** nested more than 32 levels deep, including the payload itself.
//! * **Timestamps** before the year 0 or after 9999, because their texts do not sort chronologically.
//!
//! A number that is read has the same value, but may have another notation: for example, `1E+3` becomes `1000`. If an
//! object contains a key twice, the last value is kept.
//!
//! # Additional tables
//! The following parts use separate tables, which the original package does not have. The event table cannot contain
//! their items, because the items would appear in its stream.
//!
//! * [`DynamoDbSnapshotAdapter`] stores snapshots in its own table.
//! * The [rewrites table](DynamoDbEventStorageAdapterBuilder::rewrites_table) counts how often events of each aggregate
//!   were replaced or removed, because this makes the snapshots of the aggregate invalid.
//! * [`DynamoDbRelay`] publishes the events of the event table's stream on a channel. Its table contains its lease and
//!   its cursors, which are its positions in the stream.
//!
//! Without snapshots and relays, no additional table is necessary. In a Lambda function, [`LambdaStreamHandler`]
//! publishes the events instead of a relay. The handler needs no lease and no additional table.
//!
//! To read the stream without a relay, use [`DynamoDbStreamLog`]. It reads the shards of the stream, each shard after
//! its parent, with cursors that can be stored. [`parse_image`] decodes an image of an item from any source.
//!
//! Other programs, such as services that use the original package, do not count their forced pushes in the rewrites
//! table. Such pushes are visible only in the stream. To count them, run a relay whose storage has a rewrites table, or
//! a Lambda handler with [`note_rewrites`](LambdaStreamHandlerBuilder::note_rewrites). Otherwise castore continues to
//! use outdated snapshots of the rewritten aggregates.
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
