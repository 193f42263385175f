//! Event stores: reading aggregates, pushing events, and publishing the pushed events.

mod after_push;
mod any;
mod connected;
mod error;
mod held_back;
mod metadata;
mod publishable;
mod publishing;
mod push;
mod read;
mod simulate;
mod store;
mod swapped;
mod unconnected;

#[doc(hidden)]
pub use after_push::Publishers;
pub use any::AnyEventStore;
pub use connected::{ConnectedEventStore, RelayedEventStore};
pub use error::{AfterPushFailure, AfterPushStep, PushEventError, StoredButNotPublished, UnsafeIntegerError};
#[doc(hidden)]
pub use metadata::{AcceptsEvent, MetadataSource};
pub use metadata::{AsDeclared, GivenByStore, MetadataFor, StoreWithMetadata};
pub use publishable::PublishableOn;
#[doc(hidden)]
pub use publishable::PublishableVisitor;
pub use publishing::{AfterCommit, ByPush, ByRelay, DecidedAtRunTime, Publishing, TransactionalStore, Unpublished};
pub use push::{
    EventGroup, Grouped, GroupedEvent, PushEvent, PushEventGroup, PushWithin, PushedEvent, push_event_group,
};
pub use read::{
    AggregateIds, AggregateSinceSnapshot, EventStream, ExistingAggregateSinceSnapshot, GetAggregate,
    GetAggregateSinceSnapshot, GetAggregateState, GetEvents, GetExistingAggregate, GetExistingAggregateSinceSnapshot,
    GetExistingAggregateState, GetStoredEvents, ListAggregateIds, ListedAggregateId, LoadedAggregate,
    LoadedExistingAggregate, ReadWithin,
};
pub use simulate::SimulateAggregate;
pub use store::Store;
#[doc(hidden)]
pub use swapped::PassedAsChannel;
pub use unconnected::{EventStore, OnEventPushed};
