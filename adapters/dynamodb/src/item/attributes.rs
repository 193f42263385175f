//! The names that the original gave its tables' attributes. Changing one breaks every table there is.

pub(crate) const AGGREGATE_ID: &str = "aggregateId";
pub(crate) const VERSION: &str = "version";
pub(crate) const TYPE: &str = "type";
pub(crate) const TIMESTAMP: &str = "timestamp";
pub(crate) const PAYLOAD: &str = "payload";
pub(crate) const METADATA: &str = "metadata";
/// On events of version 1 only: it puts them into the index.
pub(crate) const EVENT_STORE_ID: &str = "eventStoreId";
/// The index of the events of version 1, by event store and timestamp.
pub(crate) const INITIAL_EVENTS: &str = "initialEvents";
