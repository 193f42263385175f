//! Messages in the format of EventBridge events.

mod detail_type;
mod outgoing;
mod trace_header;

pub use detail_type::ReservedEventTypeError;
pub(crate) use detail_type::{AGGREGATE_EXISTS, REPLAYED};
pub(crate) use outgoing::Outgoing;

/// The key in the detail that contains the pointer to a message, if the message is stored with a claim check.
pub(crate) const POINTER_KEY: &str = "messageUrl";

/// The key in the detail that marks a replayed aggregate-exists message. The detail type does not show whether such a
/// message is a replay.
pub(crate) const REPLAY_KEY: &str = "replay";
