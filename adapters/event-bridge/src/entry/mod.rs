//! Messages in the form of EventBridge events.

mod detail_type;
mod outgoing;

pub use detail_type::ReservedEventTypeError;
pub(crate) use detail_type::{AGGREGATE_EXISTS, REPLAYED};
pub(crate) use outgoing::Outgoing;

/// The key of the detail of a message that is stored with a claim check.
pub(crate) const POINTER_KEY: &str = "messageUrl";

/// The key of the detail that marks a replayed aggregate-exists message, whose detail type is the same as for a live
/// one.
pub(crate) const REPLAY_KEY: &str = "replay";
