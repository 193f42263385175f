use castore_core::channel::PublishError;
use castore_core::message::{ChannelMessage, check_message};

/// Checks in debug builds that a broker could carry the message, by writing it as JSON and reading it back. Without
/// this check, tests with in-memory adapters would accept messages that no broker can carry.
pub(super) fn check<M: ChannelMessage>(message: &M) -> Result<(), PublishError> {
    if cfg!(debug_assertions) { check_message(message, 0, 1) } else { Ok(()) }
}
