//! The flat JSON of an aggregate: `aggregateId` and `version`, followed by the entries of the state.

mod de;
mod key;
mod reserved;
mod ser;

/// The key of the aggregate id, which is stored beside the entries of the state. Like `VERSION`, this key is reserved:
/// a state must not contain it.
const AGGREGATE_ID: &str = "aggregateId";
const VERSION: &str = "version";
