//! Event stores: reading aggregates, pushing events, and publishing what was pushed.

mod after_push;
mod connected;
mod error;
mod original;
mod push;
mod read;
mod simulate;
mod store;

pub(crate) use after_push::Publishers;
pub use connected::ConnectedEventStore;
pub use error::{
    AfterPushFailure, AfterPushStep, AggregateNotFoundError, EventStoreError, PushEventError, StoredButNotPublished,
};
pub use original::EventStore;
pub use push::{EventGroup, Grouped, GroupedEvent, PushEvent, PushEventGroup, PushedEvent, push_event_group};
pub use read::{
    AggregateIds, AggregateSinceSnapshot, EventStream, ExistingAggregateSinceSnapshot, GetAggregate,
    GetAggregateSinceSnapshot, GetAggregateState, GetEvents, GetExistingAggregate, GetExistingAggregateSinceSnapshot,
    GetExistingAggregateState, ListAggregateIds, ListedAggregateId, LoadedAggregate, LoadedExistingAggregate,
};
pub use simulate::SimulateAggregate;
pub use store::Store;
