use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::attempt::{self, Call, HandlingOutcome};
use super::dead_letter::record_dead_letter;
use super::status::Counters;
use super::{DeadLetter, DeadLetterHook, Listeners, MessageContext, ReceivedMessage, RetryPolicy};
use crate::channel::MessageChannel;
use crate::consumer::HandlerError;

/// The handler that a consumer calls with each message of channel `C`: a closure, or [`Listeners`]. For authors of
/// adapters.
pub struct MessageHandler<C: MessageChannel> {
    call: Call<C::Message>,
    counters: Arc<Counters>,
}

impl<C: MessageChannel> MessageHandler<C> {
    /// Creates a handler that calls `handler` with each message.
    pub fn new<F, Fut>(handler: F) -> Self
    where
        F: Fn(ReceivedMessage<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        Self::of(Arc::new(move |message, context| Box::pin(handler(ReceivedMessage::new(message), context))))
    }

    fn of(call: Call<C::Message>) -> Self {
        Self { call, counters: Arc::default() }
    }

    pub(super) fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// Calls the handler once. A panic is treated as a failure.
    ///
    /// # Errors
    /// The error of the handler.
    pub async fn handle(&self, message: Arc<C::Message>, context: MessageContext) -> Result<(), HandlerError> {
        attempt::handle(&self.call, message, context).await
    }

    /// Calls the handler for attempt `attempt` (from 1), logs a failure, and returns the action that the adapter must
    /// take.
    ///
    /// # Cancellation
    /// The handler's future is dropped, too.
    pub async fn attempt(
        &self,
        message: Arc<C::Message>,
        attempt: u32,
        replay: bool,
        retry_policy: &RetryPolicy,
    ) -> HandlingOutcome {
        let verdict =
            attempt::attempt(&self.call, &self.counters, C::ID, &message, attempt, replay, retry_policy).await;
        if let HandlingOutcome::Park(error) = &verdict {
            attempt::log_given_up(C::ID, &*message, attempt, error);
        }
        verdict
    }
}

impl<C: MessageChannel> MessageHandler<C> {
    /// Counts a dead letter in the [status](crate::consumer::ConsumerStatus) of the consumer, and calls the hook.
    /// Adapters call it after the message was moved to the dead letters and before they acknowledge it.
    pub fn dead_letter(&self, hook: Option<&DeadLetterHook<C::Message>>, letter: DeadLetter<C::Message>) {
        record_dead_letter(&self.counters, C::ID, hook, letter);
    }

    /// Counts a malformed message that became a dead letter. No hook is called, because there is no message of the
    /// channel.
    pub fn malformed_dead_letter(&self) {
        self.counters.dead_letter();
    }
}

impl<C: MessageChannel> From<Listeners<C>> for MessageHandler<C> {
    fn from(listeners: Listeners<C>) -> Self {
        Self::of(Arc::new(listeners).into_call())
    }
}

impl<C: MessageChannel> Clone for MessageHandler<C> {
    fn clone(&self) -> Self {
        Self { call: self.call.clone(), counters: self.counters() }
    }
}

impl<C: MessageChannel> fmt::Debug for MessageHandler<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MessageHandler").field("channel", &C::ID).finish_non_exhaustive()
    }
}
