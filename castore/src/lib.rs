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

pub use castore_core::aggregate::Aggregate;
pub use castore_core::channel::{MessageChannel, PublishError};
pub use castore_core::consumer::{EventSubset, HandlerError};
pub use castore_core::event::{Event, EventDetail, EventType, NewEvent};
pub use castore_core::event_sourced::{EventSourced, ReduceError, Reducer};
pub use castore_core::event_store::EventStoreError;
pub use castore_core::message::{AggregateExistsMessage, NotificationMessage, StateCarryingMessage};
pub use castore_core::time::Timestamp;
pub use castore_macros::{Event, EventSubset, channel, command, event_store, message_channel};
pub use castore_runtime::event_store::{
    ConnectedEventStore, EventStore, PushEventError, PushedEvent, Store, push_event_group,
};
pub use castore_runtime::in_memory::{
    InMemoryEventStorageAdapter, InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter,
};

/// Events: what an application declares, and how events are written and read.
pub mod event {
    pub use castore_core::event::{
        DecodeEventError, DecodeEventProblem, Event, EventDetail, EventOf, EventPayload, EventType, NewEvent,
        ParseEventTypeError,
    };
    pub use castore_core::event_sourced::{
        AggregateId, EventSourced, IntoAggregateId, Metadata, NoMetadata, ReduceError, Reducer, TakesAggregateId,
    };
    pub use castore_macros::Event;
}

/// Event stores: loading aggregates, pushing events, and the errors of both.
pub mod store {
    pub use castore_core::aggregate::Aggregate;
    pub use castore_core::event_store::{AggregateNotFoundError, EventStoreError};
    pub use castore_core::storage::{EventAlreadyExists, UndefinedEventStorageAdapterError};
    pub use castore_runtime::event_store::{
        AfterPushFailure, AfterPushStep, AggregateIds, AggregateSinceSnapshot, ConnectedEventStore, EventGroup,
        EventStore, EventStream, ExistingAggregateSinceSnapshot, GetAggregate, GetAggregateSinceSnapshot,
        GetAggregateState, GetEvents, GetExistingAggregate, GetExistingAggregateSinceSnapshot,
        GetExistingAggregateState, Grouped, GroupedEvent, ListAggregateIds, ListedAggregateId, LoadedAggregate,
        LoadedExistingAggregate, PushEvent, PushEventError, PushEventGroup, PushedEvent, SimulateAggregate, Store,
        StoredButNotPublished, UnsafeIntegerError, push_event_group,
    };
}

/// Commands: what `#[command]` accepts as an error, and how it finds a conflict.
pub mod command {
    pub use castore_runtime::command::{CommandBackoff, CommandError, find_event_already_exists};
}

/// Messages: what is sent over message channels.
pub mod message {
    pub use castore_core::message::{
        AggregateExistsMessage, AnyMessage, CarriedState, ChannelMessage, EventCarrying, Message, MessageEnum,
        MessageKind, NotificationMessage, RawNotification, StateCarryingMessage,
    };

    /// The message enum of a message channel: `MessageOf<AppBus>` is `AppBusMessage`.
    pub type MessageOf<C> = <C as castore_core::channel::MessageChannel>::Message;
}

/// Message channels: what they carry, whether they are a queue or a bus, and the adapters behind them.
pub mod channel {
    pub use castore_core::channel::{
        AdapterFor, AggregateEvent, Bus, CarriedKind, Carries, CarriesEventTypes, CarriesEvents, ChannelAdapter,
        ChannelSource, ClaimCheck, ClaimCheckError, ClaimedMessage, GetAggregateAndPublishMessage, HeldBackError,
        IntoChannelMessage, IntoChannelMessages, LoadsAggregates, MessageBus, MessageChannel, MessageChannelAdapter,
        MessageOrder, MessageQueue, Ordered, OrderedPublish, PerAggregate, PublishError, PublishMessage,
        PublishMessageOptions, PublishMessages, Publisher, Queue, Registration, RejectedMessage, SupportsOrder,
        Topology, TwoPublishersError, UndefinedMessageChannelAdapterError, Unordered, UnorderedOnly, UnpublishedError,
    };
    pub use castore_core::message::{AggregateExists, Notification, StateCarrying};
    pub use castore_runtime::in_memory::{
        InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter, InlineMessageQueueAdapter,
    };
}

/// Consumers: handlers, filters, retries, dead letters and the handles of running consumers.
pub mod consumer {
    pub use castore_core::consumer::{
        AnyStore, ChannelFilter, ClassifyError, ConsumerError, ConsumerHandle, ConsumerStatus, ConsumerTasks,
        DeadLetter, DeadLetterHook, DueMessages, EventSubset, EventSubsetOf, EventTypeFilter, EventTypeOf,
        FailureAction, Filter, FilterPattern, HandlerError, HandlingOutcome, InFlightMessage, InFlightMessages,
        InOrder, InvalidRetryPolicyError, Listeners, MessageContext, MessageHandler, NarrowedMessage, ReceivedMessage,
        RetryPolicy, SubsetFilter, classified, in_order,
    };
    pub use castore_macros::EventSubset;
}

/// What the errors of all modules share.
pub mod error {
    pub use castore_core::error::{InvalidOptionError, error_chain};
}

/// The contract of event storages: what the author of a storage adapter implements.
pub mod storage {
    pub use castore_core::storage::{
        AggregateIdsPage, DecodedCache, DelegatingStorageAdapter, EventAlreadyExists, EventStorageAdapter,
        EventVisitor, GetEventsOptions, GroupedRawEvent, LastEvaluatedKey, ListAggregateIdsOptions, ListedAggregate,
        PageToken, PushOptions, PushReceipt, RawEvent, RawEventRef, StorageError, StorageId,
        UndefinedEventStorageAdapterError, visit_in_pages,
    };
    pub use castore_runtime::in_memory::InMemoryEventStorageAdapter;
}

/// Inboxes: what the messages that a consumer has handled are remembered by.
pub mod inbox {
    pub use castore_core::inbox::{AgeUnit, InboxError, InboxKey, InboxRules, InvalidName, NameRules};
}

/// The log of all events of a storage, in the order in which they can be read without missing one.
pub mod log {
    pub use castore_core::log::{
        BlockedBy, CarriesNotifications, EventLog, LogEnd, LogEntry, LogFilter, LogId, LogPage, LogQuery, Logged,
        OneAggregate, WakeUps,
    };
}

/// Relays: they publish every event that is stored, from the event log, at least once and in order. See
/// [the guide](crate::guide::relay).
pub mod relay {
    pub use castore_core::relay::{
        AcquireLease, CommitOutcome, Lease, LeaseOutcome, ParkedAggregate, RelayCheckpoint, RelayCommit,
        RelayStorageAdapter,
    };
    pub use castore_relay::{
        PublishableOn, Relay, RelayAdmin, RelayBuilder, RelayError, RelayRole, RelayStart, RelayStatus,
    };
}

/// Projections: they keep read models up to date from the event log. See [the guide](crate::guide::read_models).
pub mod projection {
    pub use castore_projection::{
        InMemoryProjection, InMemoryReadModels, OnFailure, ParkedProjectionAggregate, ProjectionError,
        ProjectionOptions, ProjectionState, ProjectionStatus, RunningProjection, WaitForError,
    };
}

/// Snapshots: the state of an aggregate at a version, so that loading it reads only the events after it.
pub mod snapshot {
    pub use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
    pub use castore_runtime::snapshot::{InMemorySnapshotAdapter, SnapshotState, Snapshots, SnapshotsOf};
}

/// Timestamps of events, and the clocks that they come from.
pub mod time {
    pub use castore_core::time::{Clock, ParseTimestampError, SystemClock, Timestamp};
}

#[doc(inline)]
pub use castore_replay as replay;
#[cfg(feature = "testing")]
#[doc(inline)]
pub use castore_testing as testing;

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

/// What generated code calls. Not for use: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use castore_core::__private::*;
    pub use castore_core::event_store::AggregateSource;
    pub use castore_runtime::__private::*;
}

/// What most programs use: `use castore::prelude::*;`.
pub mod prelude {
    pub use castore_core::aggregate::Aggregate;
    pub use castore_core::channel::{MessageChannel, PublishError};
    pub use castore_core::consumer::{
        EventSubset, Filter, HandlerError, Listeners, MessageContext, ReceivedMessage, RetryPolicy,
    };
    pub use castore_core::event::{Event, EventDetail, EventType, NewEvent};
    pub use castore_core::event_sourced::{EventSourced, ReduceError, Reducer};
    pub use castore_core::event_store::EventStoreError;
    pub use castore_core::message::{
        AggregateExistsMessage, ChannelMessage, NotificationMessage, StateCarryingMessage,
    };
    pub use castore_core::storage::EventAlreadyExists;
    pub use castore_core::time::Timestamp;
    pub use castore_macros::{Event, EventSubset, channel, command, event_store, message_channel};
    pub use castore_relay::{Relay, RelayStart};
    pub use castore_runtime::event_store::{
        ConnectedEventStore, EventStore, PushEventError, PushedEvent, Store, push_event_group,
    };
    pub use castore_runtime::in_memory::{
        InMemoryEventStorageAdapter, InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter, InlineMessageQueueAdapter,
    };

    pub use crate::message::MessageOf;

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
