use super::Received;
use crate::HandlerError;

/// A message that no attempt could handle.
#[derive(Debug)]
#[non_exhaustive]
pub struct DeadLetter<M> {
    /// The message.
    pub message: Received<M>,
    /// How many attempts there were.
    pub attempts: u32,
    /// Whether the message was published before, and was published again on purpose.
    pub replay: bool,
    /// Why the last attempt failed.
    pub error: HandlerError,
}

impl<M> DeadLetter<M> {
    /// For adapters, and for tests that call a hook by hand.
    pub fn new(message: Received<M>, attempts: u32, replay: bool, error: HandlerError) -> Self {
        Self { message, attempts, replay, error }
    }
}
