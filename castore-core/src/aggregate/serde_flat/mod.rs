//! The flat JSON of an aggregate: `aggregateId` and `version`, followed by the entries of its state.

mod de;
mod key;
mod reserved;
mod ser;

/// The keys of the id and the version, which are stored beside the state's entries.
const AGGREGATE_ID: &str = "aggregateId";
const VERSION: &str = "version";
