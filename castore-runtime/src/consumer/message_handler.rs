use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::{Listeners, MessageContext, Received, RetryPolicy};
use crate::channel::MessageChannel;
use crate::future::{BoxFuture, catch_panic};
use crate::handler::{ErrorClass, HandlerError};
use crate::message::ChannelMessage;

/// What a consumer calls with each message of channel `C`: a closure, or [`Listeners`]. For the authors of adapters, whose
/// workers all call it in the same way.
pub struct MessageHandler<C: MessageChannel> {
    call: Call<C::Message>,
}

/// Calls user code with a message that is shared.
pub(crate) type Call<M> =
    Arc<dyn Fn(Arc<M>, MessageContext) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;

/// What an adapter is to do with a message after one attempt to handle it. It was logged.
#[derive(Debug)]
#[must_use = "the broker waits to be told"]
pub enum Verdict {
    /// It is handled, or was skipped: acknowledge it.
    Done,
    /// Try it again after that time.
    Retry(Duration, HandlerError),
    /// No attempt is left, or none is of use: it is a dead letter.
    Park(HandlerError),
    /// Hand it back, and stop consuming.
    Stop(HandlerError),
}

impl<C: MessageChannel> MessageHandler<C> {
    /// Calls `handler` with each message.
    pub fn new<F, Fut>(handler: F) -> Self
    where
        F: Fn(Received<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        Self { call: Arc::new(move |message, context| Box::pin(handler(Received::new(message), context))) }
    }

    /// Calls the handler once. A panic is a failure like any other.
    ///
    /// # Errors
    /// What the handler answers.
    pub async fn handle(&self, message: Arc<C::Message>, context: MessageContext) -> Result<(), HandlerError> {
        // The call of the handler may panic as well as what it answers.
        let handled = catch_panic(async { (self.call)(message, context).await }).await;
        handled.unwrap_or_else(|panic| Err(HandlerError::panicked(panic)))
    }

    /// Calls the handler for attempt `attempt` (from 1), logs a failure, and says what the broker is to be told.
    ///
    /// Cancellation: as the handler's future, which is dropped with this one.
    pub async fn attempt(
        &self,
        message: Arc<C::Message>,
        attempt: u32,
        replay: bool,
        retry_policy: &RetryPolicy,
    ) -> Verdict {
        let retry_attempts_left = retry_policy.attempts_left(attempt);
        let context = MessageContext::new(attempt, retry_attempts_left, replay);
        let Err(error) = self.handle(message.clone(), context).await else { return Verdict::Done };
        let (about, words) = (message.as_message(), error.words());
        tracing::warn!(
            message_channel = C::ID,
            event_store = about.event_store_id(),
            aggregate = about.aggregate_id(),
            version = about.version(),
            attempt,
            retry_attempts_left,
            class = ?error.class(),
            error = words,
            "a handler failed"
        );
        match error.class() {
            ErrorClass::Skip => Verdict::Done,
            ErrorClass::Stop => Verdict::Stop(error),
            ErrorClass::Retry if retry_attempts_left > 0 => Verdict::Retry(retry_policy.delay_after(attempt), error),
            ErrorClass::Retry | ErrorClass::Park => {
                tracing::error!(
                    message_channel = C::ID,
                    event_store = about.event_store_id(),
                    aggregate = about.aggregate_id(),
                    version = about.version(),
                    attempts = attempt,
                    error = words,
                    "a message could not be handled"
                );
                Verdict::Park(error)
            }
        }
    }
}

impl<C: MessageChannel> From<Listeners<C>> for MessageHandler<C> {
    fn from(listeners: Listeners<C>) -> Self {
        Self { call: Arc::new(listeners).into_call() }
    }
}

impl<C: MessageChannel> Clone for MessageHandler<C> {
    fn clone(&self) -> Self {
        Self { call: self.call.clone() }
    }
}

impl<C: MessageChannel> fmt::Debug for MessageHandler<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MessageHandler").field("channel", &C::ID).finish_non_exhaustive()
    }
}
