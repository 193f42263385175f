//! The names of the attributes and the index of an event table. The constants have the same names as in the original
//! TypeScript package. Use these constants to define the table.

/// The partition key of an event table: `aggregateId`.
pub const EVENT_TABLE_PK: &str = crate::item::attributes::AGGREGATE_ID;
/// The sort key of an event table: `version`.
pub const EVENT_TABLE_SK: &str = crate::item::attributes::VERSION;
/// The index of the first events of all aggregates: `initialEvents`.
pub const EVENT_TABLE_INITIAL_EVENT_INDEX_NAME: &str = crate::item::attributes::INITIAL_EVENTS;
/// The partition key of the index: `eventStoreId`.
pub const EVENT_TABLE_EVENT_STORE_ID_KEY: &str = crate::item::attributes::EVENT_STORE_ID;
/// The sort key of the index: `timestamp`.
pub const EVENT_TABLE_TIMESTAMP_KEY: &str = crate::item::attributes::TIMESTAMP;
