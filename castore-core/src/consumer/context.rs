/// What a handler is told beside the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageContext {
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// How many more there are if this one fails.
    pub retry_attempts_left: u32,
    /// Whether the message was published before, and is published again on purpose.
    pub replay: bool,
}

impl MessageContext {
    /// For adapters, and for tests that call a handler by hand.
    pub fn new(attempt: u32, retry_attempts_left: u32, replay: bool) -> Self {
        Self { attempt, retry_attempts_left, replay }
    }
}
