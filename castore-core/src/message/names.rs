/// The name that replaces the event type of replayed messages on EventBridge: `__REPLAYED__`. Event types cannot have
/// this name.
pub const REPLAYED: &str = "__REPLAYED__";

/// The name that replaces the event type of messages without an event on EventBridge: `__AGGREGATE_EXISTS__`. Event
/// types cannot have this name.
pub const AGGREGATE_EXISTS: &str = "__AGGREGATE_EXISTS__";
