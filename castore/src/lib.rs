//! Event sourcing and event-driven messaging where **wiring mistakes are compile errors**.
//!
//! Annotate domain types; macros turn them into event stores, typed messages and message channels that know which
//! stores they carry. A store connected to a channel that cannot carry its events does not compile, and the error says
//! what is wrong and how to mend it.
//!
//! * Declare: [`#[derive(Event)]`](derive@Event), [`#[event_store]`](macro@event_store), [`message_channel!`],
//!   [`#[command]`](macro@command). Their pages show what they expand to.
//! * Use: [`Store`] (what an [`EventStore`] and a [`ConnectedEventStore`] can do), [`MessageChannel`],
//!   [`push_event_group`].
//! * Understand: the [`guide`].
//! * Test: [`testing`].
//! * Extend: [`storage::EventStorageAdapter`], [`channel::MessageChannelAdapter`], and the crate
//!   `castore-conformance`, which tests adapters.
//!
//! # Features
//! No feature is on by default.
//!
//! * `sqlite`: the embedded storage, [`SqliteEventStorageAdapter`](prelude::SqliteEventStorageAdapter).
//! * `postgres`, `dynamodb`: storage on the tables of the original packages; `postgres-rustls`: with TLS.
//! * `sqs`, `event-bridge`, `nats`: message channels over brokers, with the entries of the original packages; `s3`: large
//!   messages of the first two. See [the guide](guide::brokers).
#![forbid(unsafe_code)]

pub mod guide;

pub use castore_macros::{Event, EventSubset, channel, command, event_store, message_channel};
#[doc(inline)]
pub use castore_projection as projection;
#[doc(inline)]
pub use castore_replay as replay;
pub use castore_runtime::*;

/// Relays: they publish every event that is stored, from the event log, at least once and in order. See
/// [the guide](crate::guide::relay).
pub mod relay {
    pub use castore_relay::{
        PublishableOn, Relay, RelayAdmin, RelayBuilder, RelayError, RelayRole, RelayStart, RelayStatus,
    };
    pub use castore_runtime::relay::*;
}

#[doc(hidden)]
pub use castore_runtime::__private;

#[cfg(feature = "dynamodb")]
pub use castore_dynamodb as dynamodb;
#[cfg(feature = "event-bridge")]
pub use castore_event_bridge as event_bridge;
#[cfg(feature = "nats")]
pub use castore_nats as nats;
#[cfg(feature = "postgres")]
pub use castore_postgres as postgres;
#[cfg(feature = "s3")]
pub use castore_s3 as s3;
#[cfg(feature = "sqlite")]
pub use castore_sqlite as sqlite;
#[cfg(feature = "sqs")]
pub use castore_sqs as sqs;

/// What most programs use: `use castore::prelude::*;`.
pub mod prelude {
    pub use castore_macros::{Event, EventSubset, channel, command, event_store, message_channel};
    pub use castore_runtime::{
        Aggregate, AggregateExistsMessage, ChannelMessage, ConnectedEventStore, Event, EventAlreadyExists, EventDetail,
        EventSourced, EventStore, EventStoreError, EventSubset, EventType, Filter, HandlerError,
        InMemoryEventStorageAdapter, InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter, InlineMessageQueueAdapter,
        Listeners, MessageChannel, MessageContext, MessageOf, NewEvent, NotificationMessage, PublishError,
        PushEventError, PushedEvent, ReceivedMessage, ReduceError, Reducer, RetryPolicy, StateCarryingMessage, Store,
        Timestamp, push_event_group,
    };

    pub use castore_relay::{Relay, RelayStart};

    #[cfg(feature = "dynamodb")]
    pub use castore_dynamodb::DynamoDbEventStorageAdapter;
    #[cfg(feature = "postgres")]
    pub use castore_postgres::PostgresEventStorageAdapter;
    #[cfg(feature = "sqlite")]
    pub use castore_sqlite::SqliteEventStorageAdapter;
}

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
