//! Read requests.

mod get_aggregate;
mod get_events;
mod list_aggregate_ids;
mod since_snapshot;
mod stream;
mod visit;
mod within;

pub use get_aggregate::{
    AggregateSinceSnapshot, ExistingAggregateSinceSnapshot, GetAggregate, GetAggregateSinceSnapshot, GetAggregateState,
    GetExistingAggregate, GetExistingAggregateSinceSnapshot, GetExistingAggregateState, LoadedAggregate,
    LoadedExistingAggregate,
};
pub use get_events::{GetEvents, GetStoredEvents};
pub use list_aggregate_ids::{AggregateIds, ListAggregateIds, ListedAggregateId};
pub use stream::EventStream;
pub use within::ReadWithin;
