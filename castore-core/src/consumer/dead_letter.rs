use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{Counters, ReceivedMessage, UndecodableMessage};
use crate::consumer::HandlerError;
use crate::future::panic_text;

/// The content of a dead letter.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DeadLetterContent<M> {
    /// A message of the channel that a handler failed to handle.
    Message(ReceivedMessage<M>),
    /// A message that this program cannot decode.
    Undecodable(UndecodableMessage),
}

/// A message that could not be handled: the last attempt failed, or the failure is permanent.
#[derive(Debug)]
#[non_exhaustive]
pub struct DeadLetter<M> {
    /// The message.
    pub content: DeadLetterContent<M>,
    /// The number of attempts that were made.
    pub attempts: u32,
    /// Whether the message is a replay.
    pub replay: bool,
    /// The error of the last attempt.
    pub error: HandlerError,
}

impl<M> DeadLetter<M> {
    /// Creates a dead letter, for adapters and for tests that call a hook.
    pub fn new(message: ReceivedMessage<M>, attempts: u32, replay: bool, error: HandlerError) -> Self {
        Self { content: DeadLetterContent::Message(message), attempts, replay, error }
    }

    /// Creates a dead letter from a message that cannot be decoded, for adapters.
    pub fn undecodable(message: UndecodableMessage, attempts: u32, error: HandlerError) -> Self {
        let replay = message.is_replay();
        Self { content: DeadLetterContent::Undecodable(message), attempts, replay, error }
    }

    /// Returns the message by value, or `None` if it cannot be decoded.
    pub fn into_message(self) -> Option<ReceivedMessage<M>> {
        match self.content {
            DeadLetterContent::Message(message) => Some(message),
            DeadLetterContent::Undecodable(_) => None,
        }
    }

    /// Returns the message, or `None` if it cannot be decoded.
    pub fn message(&self) -> Option<&ReceivedMessage<M>> {
        match &self.content {
            DeadLetterContent::Message(message) => Some(message),
            DeadLetterContent::Undecodable(_) => None,
        }
    }
}

/// A user's callback for dead letters. For authors of adapters.
pub struct DeadLetterHook<M>(Arc<dyn Fn(DeadLetter<M>) + Send + Sync>);

impl<M> DeadLetterHook<M> {
    /// Wraps a callback.
    pub fn new(hook: impl Fn(DeadLetter<M>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }

    /// Calls the callback. If the callback panics, the panic is only logged, because it must not affect later messages.
    pub fn call(&self, message_channel_id: &str, letter: DeadLetter<M>) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.0)(letter))) {
            let panic = panic_text(&*panic);
            tracing::error!(channel = message_channel_id, panic, "the dead-letter hook panicked");
        }
    }
}

/// Counts a dead letter and calls the hook. Consumers call this function after the message was moved to the dead
/// letters, and before they acknowledge the message.
pub fn record_dead_letter<M>(
    counters: &Counters,
    message_channel_id: &str,
    hook: Option<&DeadLetterHook<M>>,
    letter: DeadLetter<M>,
) {
    counters.dead_letter();
    if let Some(hook) = hook {
        hook.call(message_channel_id, letter);
    }
}

impl<M> Clone for DeadLetterHook<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M> fmt::Debug for DeadLetterHook<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DeadLetterHook").finish_non_exhaustive()
    }
}
