//! The names of attributes and of the index that the original TypeScript package uses. Changing one of these names
//! makes existing tables unusable.

pub(crate) const AGGREGATE_ID: &str = "aggregateId";
pub(crate) const VERSION: &str = "version";
pub(crate) const TYPE: &str = "type";
pub(crate) const TIMESTAMP: &str = "timestamp";
pub(crate) const PAYLOAD: &str = "payload";
pub(crate) const METADATA: &str = "metadata";
/// The event store of an event. Only events of version 1 have this attribute, which puts them into the index.
pub(crate) const EVENT_STORE_ID: &str = "eventStoreId";
/// The index of the events of version 1, by event store and timestamp.
pub(crate) const INITIAL_EVENTS: &str = "initialEvents";
