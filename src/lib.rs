//! Event sourcing and event-driven messaging where wiring mistakes are compile errors.
#![forbid(unsafe_code)]

pub use castore_macros::{Event, channel, command, event_store, message_channel};
pub use castore_runtime::*;

#[doc(hidden)]
pub use castore_runtime::__private;

#[cfg(feature = "sqlite")]
pub use castore_sqlite as sqlite;

/// What most programs use: `use castore::prelude::*;`.
pub mod prelude {
    pub use castore_macros::{Event, channel, command, event_store, message_channel};
    pub use castore_runtime::{
        Aggregate, AggregateExistsMessage, ConnectedEventStore, Event, EventAlreadyExists, EventDetail, EventSourced,
        EventStore, EventStoreError, EventType, Filter, HandlerError, InMemoryEventStorageAdapter,
        InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter, MessageChannel, MessageContext, MessageOf, NewEvent,
        NotificationMessage, PublishError, PushEventError, Pushed, Received, ReduceError, Reducer, RetryPolicy,
        StateCarryingMessage, Store, Timestamp, push_event_group,
    };

    #[cfg(feature = "sqlite")]
    pub use castore_sqlite::SqliteEventStorageAdapter;
}
