//! The DynamoDB event storage adapter of [castore](https://docs.rs/castore): the single-table layout of the original
//! `@castore/event-storage-adapter-dynamodb`, on which services in TypeScript and in Rust may work side by side.
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
//! // ... give clones of it to event stores ...
//! # Ok(())
//! # }
//! ```
//!
//! # What to add
//! The client is yours, and so is its HTTP client: this crate brings neither TLS nor credentials. The shortest way is
//! `aws-config` and `aws-sdk-dynamodb` with their default features. To choose the TLS stack, take both with
//! `default-features = false, features = ["rt-tokio"]` (for `aws-config`, `behavior-version-latest` too), and give the
//! configuration an HTTP client of `aws-smithy-http-client`, with its feature `rustls-ring`, say.
//!
//! # Integers beyond 2^53
//! They are stored with all their digits, and read exactly by this library. The original package reads them as `BigInt`, which
//! `JSON.stringify` refuses with an exception. `EventStore::refuse_unsafe_integers` refuses such events when they are pushed.
//!
//! # What it promises
//! * A push is one conditional put, a group one transaction: when the call returns, it is stored as durably as
//!   DynamoDB promises, as a whole. There is no log of all events, so no
//!   [`PushReceipt::position`](castore_core::storage::PushReceipt::position): the table's stream has the order of each
//!   aggregate, and no other.
//! * Events are read strongly consistent: a read that begins after a push returned sees it. Events of a group that is
//!   being stored may be seen one before the other. The list of aggregates is read from an index, which follows within
//!   moments; a page may have a token though nothing follows, and aggregates that began in the same millisecond are
//!   listed in an order of DynamoDB's.
//! * Requests that DynamoDB throttles, and transactions that are in each other's way, are tried again, with growing
//!   random pauses (see [`DynamoDbEventStorageAdapterBuilder::attempts`]). A read, or a group, is also tried again if its response is lost. A single
//!   push is not: it is an
//!   [`UnknownOutcome`](castore_core::storage::StorageError::UnknownOutcome) then, because a second put would take
//!   the event of the first for another's.
//! * Event groups may span adapters that are clones, made [with another
//!   table](DynamoDbEventStorageAdapter::with_table_name), or of the same [`storage_name`](DynamoDbEventStorageAdapterBuilder::storage_name).
//! * Errors of DynamoDB are [`RequestError`]s, as the source of the storage's error. None has what is stored in it.
//!
//! # What DynamoDB cannot hold
//! It is refused before anything is sent, as
//! [`Unsupported`](castore_core::storage::StorageError::Unsupported):
//! * groups of more than 100 events or 4 MB, events of more than 400 KB;
//! * event store ids that are empty or have a `#`, and ids of more than 2047 bytes together;
//! * numbers of more than 38 digits, or beyond 9.99E+125 or below 1E-130; text with lone surrogates; payloads nested
//!   more than 32 levels deep, themselves included;
//! * timestamps before the year 0 or after 9999, whose texts do not sort.
//!
//! Numbers keep their value, but not the way they are written; of a key that is twice in an object, the last counts.
//!
//! # Beside the events
//! Each in a table of its own, which the original does not know; in the events' table they would feed its stream.
//!
//! * [`DynamoDbSnapshotAdapter`] keeps snapshots, and a [rewrites table](DynamoDbEventStorageAdapterBuilder::rewrites_table) tells when they do not
//!   hold any more.
//! * [`DynamoDbStreamLog`] reads the table's stream: shards, each after its parent, with cursors to be kept.
//!   [`parse_image`] reads an image from wherever it comes.
//! * [`DynamoDbRelay`] publishes from the stream on a channel, under a lease; [`LambdaStreamHandler`] does so in a Lambda
//!   function.
//!
//! Events that others replace by force, say the original, are seen in the stream only: without a relay or a handler that
//! was given a storage with a rewrites table, snapshots of what they were stay in use.
//!
//! # The table
//! Partition key `aggregateId`, which is `<event store>#<aggregate>`; sort key `version`; and `type`, `timestamp`,
//! `payload`, `metadata`, the last two as attributes of their own types. The event of version 1 has `eventStoreId` too,
//! which puts it into the index `initialEvents`, sorted by `timestamp`.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod item;
mod lambda;
mod relay;
mod request;
mod snapshot;
mod storage;
mod stores;
mod stream;
mod table;

/// The client that adapters are given.
pub use aws_sdk_dynamodb;
pub use castore_aws::RequestError;
pub use castore_relay::{PublishableOn, RelayRole, RelayStatus};
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
