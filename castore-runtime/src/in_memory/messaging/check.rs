use castore_core::channel::PublishError;
use castore_core::message::{ChannelMessage, check_message};

/// Debug builds write and read each message as a broker's adapter does, although nothing is written in memory: otherwise tests
/// would accept messages that no broker can carry.
pub(super) fn check<M: ChannelMessage>(message: &M) -> Result<(), PublishError> {
    if cfg!(debug_assertions) { check_message(message, 0, 1) } else { Ok(()) }
}
