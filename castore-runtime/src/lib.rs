//! The runtime of [castore](https://docs.rs/castore): use that crate, which re-exports this one.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod aggregate;
pub mod channel;
mod command;
mod consumer;
mod error_chain;
mod event;
mod event_sourced;
mod event_store;
mod future;
mod handler;
mod in_memory;
pub mod inbox;
pub mod log;
mod message;
pub mod relay;
pub mod snapshot;
pub mod storage;
pub mod testing;
mod text;
mod time;

pub use aggregate::Aggregate;
pub use channel::{Carries, MessageChannel, PublishError};
pub use command::{CommandError, find_event_already_exists};
pub use consumer::{
    AllStores, ConsumerError, ConsumerHandle, ConsumerStatus, ConsumerTasks, DeadLetter, DeadLetterHook, EventSubset,
    EventSubsetOf, EventTypeFilter, EventTypeOf, Filter, FilterFor, FilterPattern, InOrder, InvalidRetryPolicyError,
    Listeners, MessageContext, MessageHandler, NarrowedMessage, Received, RetryPolicy, SubsetFilter, Verdict,
    classified, in_order,
};
#[doc(hidden)]
pub use error_chain::{error_chain, guarded_text};
pub use event::{
    DecodeEventError, DecodeEventProblem, Event, EventDetail, EventOf, EventPayload, EventType, NewEvent,
    ParseEventTypeError,
};
pub use event_sourced::{
    AggregateId, EventSourced, IntoAggregateId, Metadata, NoMetadata, ReduceError, Reducer, TakesAggregateId,
};
pub use event_store::{
    AfterPushFailure, AfterPushStep, AggregateIds, AggregateNotFoundError, AggregateSinceSnapshot, ConnectedEventStore,
    EventGroup, EventStore, EventStoreError, EventStream, ExistingAggregateSinceSnapshot, GetAggregate,
    GetAggregateSinceSnapshot, GetAggregateState, GetEvents, GetExistingAggregate, GetExistingAggregateSinceSnapshot,
    GetExistingAggregateState, Grouped, GroupedEvent, ListAggregateIds, ListedAggregateId, LoadedAggregate,
    LoadedExistingAggregate, PushEvent, PushEventError, PushEventGroup, Pushed, SimulateAggregate, Store,
    StoredButNotPublished, push_event_group,
};
pub use future::BoxFuture;
#[doc(hidden)]
pub use future::{catch_panic, panic_text};
pub use handler::{ClassifyError, ErrorClass, HandlerError};
pub use in_memory::{
    InMemoryEventStorageAdapter, InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter, InlineMessageQueueAdapter,
};
pub use message::{
    AggregateExistsMessage, AnyMessage, CarriedState, ChannelMessage, EventCarrying, Message, MessageKind,
    NotificationMessage, StateCarryingMessage,
};
pub use storage::EventAlreadyExists;
pub use time::{Clock, ParseTimestampError, SystemClock, Timestamp};

/// The message enum of a message channel: `MessageOf<AppBus>` is `AppBusMessage`.
pub type MessageOf<C> = <C as MessageChannel>::Message;

/// What generated code calls. Not for use: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::channel::{ChannelCore, ChannelSource, assert_distinct_id};
    pub use crate::command::{CommandAttempts, Conflict};
    pub use crate::consumer::clone_of;
    pub use crate::event::{MissingEvent, assert_payload, parse_event_type};
    pub use crate::message::{MessageBody, SourceVisitor, deserialize_channel_message, serialize_channel_message};
    pub use crate::text::deserialize_text;
    pub use crate::{channel_message_serde, event_through_mirror, event_type_text, event_with_errors};
    pub use serde;
    pub use std::string::String;
    pub use std::sync::Arc;
}
