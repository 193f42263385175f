//! Read requests.

mod get_aggregate;
mod get_events;
mod list_aggregate_ids;
mod loaded;
mod request;
mod since_snapshot;
mod stream;
mod visit;
mod within;

pub use get_aggregate::{
    GetAggregate, GetAggregateSinceSnapshot, GetAggregateState, GetExistingAggregate,
    GetExistingAggregateSinceSnapshot, GetExistingAggregateState,
};
pub use get_events::{GetEvents, GetStoredEvents};
pub use list_aggregate_ids::{AggregateIds, ListAggregateIds, ListedAggregateId};
pub use loaded::{AggregateSinceSnapshot, ExistingAggregateSinceSnapshot, LoadedAggregate, LoadedExistingAggregate};
pub use stream::EventStream;
pub use within::ReadWithin;
