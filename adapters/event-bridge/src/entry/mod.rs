//! Messages in the form of EventBridge events.

mod detail_type;
mod outgoing;

pub use detail_type::ReservedEventTypeError;
pub(crate) use detail_type::{AGGREGATE_EXISTS, REPLAYED};
pub(crate) use outgoing::Outgoing;

/// The key in the detail that marks a replayed aggregate-exists message, because its detail type does not.
pub(crate) const REPLAY_KEY: &str = "replay";
