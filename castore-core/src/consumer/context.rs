/// The context of a handler call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageContext {
    /// The number of this attempt, from 1.
    pub attempt: u32,
    /// The number of attempts that are left if this attempt fails.
    pub retry_attempts_left: u32,
    /// Whether the message is a replay of an earlier message.
    pub replay: bool,
}

impl MessageContext {
    /// Creates a context, for adapters and for tests that call a handler.
    pub fn new(attempt: u32, retry_attempts_left: u32, replay: bool) -> Self {
        Self { attempt, retry_attempts_left, replay }
    }
}
