//! Event sourcing and event-driven messaging where **wiring mistakes are compile errors**.
//!
//! castore stores each change of a domain object as an event, computes the current state from the events, and publishes
//! the events to other parts of the system. Macros turn annotated domain types into event stores, typed messages and
//! message channels. The type of a channel lists the event stores that it carries. Connecting a store to a channel that
//! does not carry it is a compile error, which names both types and suggests a fix.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/domain.rs"));
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let app_bus = AppBus::new();
//! InMemoryMessageBusAdapter::attach_to(&app_bus);
//! let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new()).connect(app_bus);
//!
//! // Stores the event, then publishes it on the bus.
//! let appeared = PokemonEvent::Appeared { name: "Pikachu".into(), level: 5 };
//! pokemons.push_event(NewEvent::new("pikachu1", 1, appeared)).await?;
//!
//! let pikachu = pokemons.get_existing_aggregate("pikachu1").await?.aggregate;
//! assert_eq!(pikachu.level, 5);
//! # Ok(())
//! # }
//! ```
//!
//! The [guide] shows the declarations of `Pokemon`, `PokemonEvent` and `AppBus`. Read its page about
//! [event stores](guide::event_stores) first.
//!
//! # Guarantees
//! * **Conflicts**: if two writers push the same version of an aggregate, one push fails with
//!   [`EventAlreadyExists`](PushEventError::EventAlreadyExists), and its event is not stored. Only a push with `force`
//!   replaces a stored event.
//! * **No gaps**: a push whose version is free but does not directly follow the last version fails with
//!   [`VersionGap`](PushEventError::VersionGap), unless the push allows gaps. On DynamoDB, this check must be enabled
//!   with the option `refuse_gaps`.
//! * **Stored but not published**: if publishing fails, the push returns
//!   [`StoredButNotPublished`](PushEventError::StoredButNotPublished), which contains the event.
//! * **At least once**: a [`relay`](guide::relay) publishes every event of its stores at least once, even after a
//!   crash, unless an operator drops the event.
//! * **Exactly once**: a [read model](guide::read_models) applies each event exactly once.
//! * **Order**: the type of a channel declares whether the messages of each aggregate are delivered in order. See
//!   [message channels](guide::message_channels).
//!
//! # Where to start
//! | task | see |
//! |---|---|
//! | declare events and event stores | [`#[derive(Event)]`](derive@Event), [`#[event_store]`](macro@event_store) |
//! | declare channels and commands | [`message_channel!`], [`#[command]`](macro@command) |
//! | push and read events | [`Store`], [`EventStore`], [`push_event_group`] |
//! | publish and consume messages | [`MessageChannel`], [`Listeners`](consumer::Listeners), [brokers](guide::brokers) |
//! | publish reliably | [connected stores and relays](guide::relay) |
//! | build read models | [read models](guide::read_models) |
//! | store events together with other data | [transactions](guide::transactions) |
//! | change the types of stored events | [changing events](guide::evolution) |
//! | check the wiring of a whole program, record its events in a lock file, and draw its graph | [`wiring!`], [the whole program](guide::whole_program) |
//! | monitor a running program | [metrics and health](guide::metrics), [logs](guide::logs) |
//! | inspect and repair stored data | [operations](guide::operations) |
//! | test an application | [testing](guide::testing) |
//! | choose a storage | [storages](guide::storages) |
//! | write an adapter | [adapters](guide::adapters), and the crate `castore-conformance`, which tests adapters |
//!
//! # Features
//! No feature is enabled by default.
//!
//! | feature | enables |
//! |---|---|
//! | `sqlite` | event storage in an SQLite file; SQLite is bundled |
//! | `postgres`, `postgres-rustls` | event storage in Postgres, without and with TLS |
//! | `postgres-sqlx-0_8`, `postgres-sqlx-0_9` | event storage in Postgres with pools and transactions of sqlx 0.8 or 0.9 (which needs Rust 1.94) |
//! | `dynamodb` | event storage in DynamoDB |
//! | `sqs` | message queues on AWS SQS |
//! | `event-bridge` | message buses on AWS EventBridge |
//! | `metrics` | a meter for the crate `metrics`, which has exporters to Prometheus and other systems |
//! | `nats` | message queues and buses on NATS JetStream |
//! | `s3` | storage of large SQS and EventBridge messages in S3 |
//! | `schemars` | JSON Schemas, in descriptions and generated documents, of types that implement `schemars::JsonSchema` |
//! | `chrono`, `jiff`, `time` | conversions of `Timestamp` from and to the types of these crates |
//! | `inspect` | the module `inspect` and the macro `locked!`: the command line for operators, and the lock file, the graph and the schemas of a program |
//! | `testing` | the module `testing`: tools for the tests of applications |
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod guide;

pub use castore_core::aggregate::Aggregate;
pub use castore_core::channel::{MessageChannel, PublishError};
pub use castore_core::consumer::{EventSubset, HandlerError};
pub use castore_core::describe::Shape;
pub use castore_core::event::{Event, EventDetail, EventType, NewEvent};
pub use castore_core::event_sourced::{EventSourced, ReduceError, Reducer};
pub use castore_core::event_store::EventStoreError;
pub use castore_core::message::{AggregateExistsMessage, NotificationMessage, StateCarryingMessage};
pub use castore_core::time::Timestamp;
pub use castore_core::wiring::Wiring;
pub use castore_macros::{Event, EventSubset, Shape, channel, command, event_store, message_channel, wiring};
pub use castore_runtime::event_store::{
    AnyEventStore, ConnectedEventStore, EventStore, PushEventError, PushedEvent, RelayedEventStore, Store,
    TransactionalStore, push_event_group,
};
pub use castore_runtime::in_memory::{
    InMemoryEventStorageAdapter, InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter,
};

/// Events: the types that an application declares, and their encoding.
pub mod event {
    pub use castore_core::event::{
        DecodeEventError, DecodeEventProblem, EncodeEventError, Event, EventDetail, EventOf, EventPayload, EventType,
        NewEvent, ParseEventTypeError, PreviousAggregate, Retired, RetiredPayload, StoredEvent, UnknownEvent,
        UpcastFrom,
    };
    pub use castore_core::event_sourced::{
        AggregateId, AggregateState, EventSourced, IntoAggregateId, MaybeMetadata, Metadata, MetadataRule, NoMetadata,
        OptionalMetadata, ReduceError, Reducer, RequiredMetadata, TakesAggregateId, WithMetadata,
    };
    pub use castore_macros::Event;
}

/// The encoding of events and states as JSON that can be read back unchanged: its limits, and its errors.
pub mod json {
    pub use castore_core::json::{JsonError, JsonMismatch, JsonProblem, MAX_JSON_DEPTH, to_json};
}

/// Event stores: loading aggregates, pushing events, and the errors of these operations.
pub mod store {
    pub use castore_core::aggregate::Aggregate;
    pub use castore_core::event_store::{AggregateNotFoundError, EventStoreError};
    pub use castore_core::storage::{EventAlreadyExists, UndefinedEventStorageAdapterError, VersionGap};
    pub use castore_runtime::event_store::{
        AfterCommit, AfterPushFailure, AfterPushStep, AggregateIds, AggregateSinceSnapshot, AnyEventStore, AsDeclared,
        ByPush, ByRelay, ConnectedEventStore, DecidedAtRunTime, EventGroup, EventStore, EventStream,
        ExistingAggregateSinceSnapshot, GetAggregate, GetAggregateSinceSnapshot, GetAggregateState, GetEvents,
        GetExistingAggregate, GetExistingAggregateSinceSnapshot, GetExistingAggregateState, GetStoredEvents,
        GivenByStore, Grouped, GroupedEvent, ListAggregateIds, ListedAggregateId, LoadedAggregate,
        LoadedExistingAggregate, MetadataFor, OnEventPushed, Publishing, PushEvent, PushEventError, PushEventGroup,
        PushWithin, PushedEvent, ReadWithin, RelayedEventStore, SimulateAggregate, Store, StoreWithMetadata,
        StoredButNotPublished, TransactionalStore, Unpublished, UnsafeIntegerError, push_event_group,
    };
}

/// Commands: the errors that `#[command]` accepts, the pauses between retries, and the detection of version conflicts.
pub mod command {
    pub use castore_runtime::command::{
        CommandBackoff, CommandError, find_event_already_exists, with_meter, with_retries,
    };
}

/// The messages of message channels.
pub mod message {
    pub use castore_core::message::{
        AGGREGATE_EXISTS, AggregateExistsMessage, AnyMessage, CarriedState, ChannelMessage, EventCarrying, Message,
        MessageEnum, MessageKind, NotificationMessage, REPLAYED, StateCarryingMessage, StoredMessage,
        UnreadableMessageError, UnreadableMessageProblem,
    };

    /// The message enum of a message channel: `MessageOf<AppBus>` is `AppBusMessage`.
    pub type MessageOf<C> = <C as castore_core::channel::MessageChannel>::Message;

    /// An alias of [`MessageOf`], with the name that the original TypeScript library uses.
    pub type MessageChannelMessage<C> = MessageOf<C>;
}

/// A service, which supervises the relays, projections and consumers of a program, and stops them together.
pub mod service {
    pub use castore_core::future::BoxFuture;
    pub use castore_core::service::{
        Health, PartError, PartHealth, ReachableStorage, Readiness, Service, ServiceError, ServicePart,
    };
}

/// Metrics: the interface to metrics libraries, the instruments, and the wrappers and collectors that measure a
/// program. See [the guide](crate::guide::metrics).
pub mod metrics {
    #[doc(inline)]
    pub use castore_core::metrics::instruments;
    pub use castore_core::metrics::{
        Attribute, Instrument, InstrumentKind, Measurement, Meter, MeteredEventStorageAdapter,
        MeteredMessageChannelAdapter, MetricsCollector,
    };
    #[cfg(feature = "metrics")]
    pub use castore_metrics::{DURATION_BUCKETS, FacadeMeter};
}

/// The context of events: the request and the message that caused an event, and the trace of the event. See [the
/// guide](crate::guide::context).
pub mod context {
    pub use castore_core::context::{EventContext, TraceContext, TracePropagator, TraceSystem};
}

/// Message channels: their sources, their topology (queue or bus), their order and their adapters.
pub mod channel {
    pub use castore_core::channel::{
        AdapterFor, AggregateEvent, AggregateExistsMessageBus, AggregateExistsMessageQueue, Bus, CarriedKind, Carries,
        CarriesEventTypes, CarriesEvents, ChannelAdapter, ChannelSource, ClaimCheck, ClaimCheckError, ClaimedMessage,
        ConnectsTo, GetAggregateAndPublishMessage, HeldBackError, IntoChannelMessage, IntoChannelMessages, KeepsOrder,
        LoadsAggregates, MessageBus, MessageChannel, MessageChannelAdapter, MessageOrder, MessageQueue,
        NotificationMessageBus, NotificationMessageQueue, Ordered, OrderedPublish, PerAggregate, PublishError,
        PublishMessage, PublishMessageOptions, PublishMessages, Publisher, Queue, Registration, RejectedMessage,
        StateCarryingMessageBus, StateCarryingMessageQueue, Topology, TwoPublishersError,
        UndefinedMessageChannelAdapterError, Unordered, UnpublishedError,
    };
    pub use castore_core::message::{AggregateExists, Notification, StateCarrying};
    pub use castore_runtime::in_memory::{
        InMemoryDeadLetters, InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter, InlineMessageQueueAdapter,
    };
}

/// Descriptions: the events, states and channels of a program as data. See [`wiring!`] and
/// [the guide](crate::guide::whole_program).
pub mod describe {
    pub use castore_core::describe::{
        ChannelDescription, ConsumerDescription, Content, EventDescription, Field, JsonShape, Lazy, ProgramDescription,
        ReadModelDescription, RelayDescription, RetiredDescription, Shape, StoreDescription, Tagging, TypeName,
        TypeRef, Variant,
    };
}

/// Background tasks and their shutdown, for authors of adapters.
pub mod task {
    pub use castore_core::task::{BackgroundTask, CountedTask, Signal, TaskCounter, TaskPanicked};
}

/// Consumers: handlers, filters, retries, dead letters and the handles of running consumers.
pub mod consumer {
    pub use castore_core::consumer::{
        AnyStore, ChannelFilter, ClassifyError, ConsumerError, ConsumerHandle, ConsumerResource, ConsumerSetup,
        ConsumerSetupError, ConsumerStatus, ConsumerTasks, DeadLetter, DeadLetterContent, DeadLetterHook, DeadLetters,
        DeadLettersError, DueMessages, EventSubset, EventSubsetOf, EventTypeFilter, EventTypeOf, FailureAction, Filter,
        FilterPattern, HandlerError, HandlerState, HandlingOutcome, InFlightMessage, InFlightMessages, InOrder,
        InvalidRetryPolicyError, Listeners, MessageContext, MessageHandler, NarrowedMessage, ReceivedMessage,
        ResourceChange, RetryPolicy, StoredDeadLetter, SubsetFilter, UndecodableMessage, classified, in_order,
    };
    pub use castore_macros::EventSubset;
}

/// Items that the errors of all modules share.
pub mod error {
    pub use castore_core::error::{InvalidOptionError, error_chain};
}

/// The contract of event storages, for authors of storage adapters.
pub mod storage {
    pub use castore_core::storage::{
        AggregateDeletion, AggregateIdsPage, BlockingPushTransaction, BlockingReadTransaction, DecodedCache,
        DelegatingStorageAdapter, Deletion, EventAlreadyExists, EventStorageAdapter, EventVisitor, FirstGap,
        GetEventsOptions, GroupedRawEvent, LastEvaluatedKey, ListAggregateIdsOptions, ListedAggregate, PageToken,
        PushOptions, PushReceipt, PushTransaction, RawEvent, RawEventRef, ReadTransaction, StorageError, StorageId,
        StorageSchema, UndefinedEventStorageAdapterError, VersionGap, first_gap, innermost, visit_in_pages,
    };
    pub use castore_runtime::in_memory::InMemoryEventStorageAdapter;
}

/// Inboxes, which record the messages that a consumer has handled.
pub mod inbox {
    pub use castore_core::inbox::{AgeUnit, InboxError, InboxKey, InboxRules, InvalidName, NameRules};
}

/// The log of all events of a storage, in a total order: no event can appear before one that was already read.
pub mod log {
    pub use castore_core::log::{
        BlockedBy, CarriesNotifications, CheckpointEvent, EventLog, LogEnd, LogEntry, LogFilter, LogId, LogPage,
        LogQuery, Logged, OneAggregate, WakeUps,
    };
}

/// Relays, which publish the events of event stores from the event log, at least once and in the order of each
/// aggregate. See [the guide](crate::guide::relay).
pub mod relay {
    pub use castore_core::relay::{
        AcquireLease, CommitOutcome, Lease, LeaseOutcome, ParkedAggregate, RelayCheckpoint, RelayCommit,
        RelayStorageAdapter,
    };
    pub use castore_relay::{
        PublishableOn, Relay, RelayAdmin, RelayBuilder, RelayError, RelayRole, RelayStart, RelayStatus, RelayedStorage,
        StartRelay,
    };
}

/// Projections, which keep read models up to date from the event log. See [the guide](crate::guide::read_models).
pub mod projection {
    pub use castore_projection::engine::{ReadModelRegistry, ReadModelVersion};
    pub use castore_projection::{
        InMemoryProjection, InMemoryReadModels, LiveReadModel, OnFailure, ParkedProjectionAggregate, ProjectionError,
        ProjectionOptions, ProjectionRequest, ProjectionState, ProjectionStatus, ReadModel, RunningProjection,
        StartProjection, WaitForError,
    };
}

/// Snapshots: the state of an aggregate at a version. If an aggregate has a valid snapshot, loading the aggregate reads
/// only the events after this snapshot.
pub mod snapshot {
    pub use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
    pub use castore_runtime::snapshot::{InMemorySnapshotAdapter, SnapshotState, Snapshots, SnapshotsOf};
}

/// Timestamps of events, and the clocks that create them.
pub mod time {
    #[cfg(any(feature = "jiff", feature = "time"))]
    pub use castore_core::time::TimestampRangeError;
    pub use castore_core::time::{Clock, ParseTimestampError, SystemClock, Timestamp};
}

#[doc(inline)]
pub use castore_replay as replay;
#[cfg(feature = "testing")]
#[doc(inline)]
pub use castore_testing as testing;

#[cfg(feature = "inspect")]
#[doc(inline)]
pub use castore_inspect as inspect;
#[cfg(feature = "inspect")]
pub use castore_inspect::locked;

#[cfg(feature = "dynamodb")]
#[doc(inline)]
pub use castore_dynamodb as dynamodb;
#[cfg(feature = "event-bridge")]
#[doc(inline)]
pub use castore_event_bridge as event_bridge;
#[cfg(feature = "nats")]
#[doc(inline)]
pub use castore_nats as nats;
#[cfg(feature = "postgres")]
#[doc(inline)]
pub use castore_postgres as postgres;
#[cfg(feature = "s3")]
#[doc(inline)]
pub use castore_s3 as s3;
#[cfg(feature = "sqlite")]
#[doc(inline)]
pub use castore_sqlite as sqlite;
#[cfg(feature = "sqs")]
#[doc(inline)]
pub use castore_sqs as sqs;

/// Items that generated code uses. They are not part of the public API, and may change without notice.
#[doc(hidden)]
pub mod __private {
    pub use castore_core::__private::*;
    pub use castore_core::event_store::AggregateSource;
    pub use castore_macros::{__Channel as Channel, __EventStore as EventStore, __beside as beside};
    pub use castore_runtime::__private::*;
}

/// The types, traits and macros that most programs use: `use castore::prelude::*;`.
pub mod prelude {
    pub use castore_core::aggregate::Aggregate;
    pub use castore_core::channel::{
        AggregateExistsMessageBus, AggregateExistsMessageQueue, MessageChannel, NotificationMessageBus,
        NotificationMessageQueue, PublishError, StateCarryingMessageBus, StateCarryingMessageQueue,
    };
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
    pub use castore_core::wiring::Wiring;
    pub use castore_macros::{Event, EventSubset, Shape, channel, command, event_store, message_channel, wiring};
    pub use castore_relay::{Relay, RelayStart};
    pub use castore_runtime::event_store::{
        AnyEventStore, ConnectedEventStore, EventStore, PushEventError, PushedEvent, RelayedEventStore, Store,
        TransactionalStore, push_event_group,
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

/// The README, whose example is compiled and run as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
