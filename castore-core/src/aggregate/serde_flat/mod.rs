//! The flat JSON of an aggregate: the entries of its state between `aggregateId`, `version` and the closing brace.

mod de;
mod key;
mod reserved;
mod ser;

/// The keys that the runtime keeps beside the state.
const AGGREGATE_ID: &str = "aggregateId";
const VERSION: &str = "version";
