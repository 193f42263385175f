//! One attempt to handle a message: every consumer calls its handler here, so that failures are caught, counted and logged
//! alike, and the same decision follows.

use std::sync::Arc;
use std::time::Duration;

use super::status::Counters;
use super::{MessageContext, RetryPolicy};
use crate::consumer::{FailureAction, HandlerError};
use crate::future::{BoxFuture, catch_panic};
use crate::message::ChannelMessage;

/// User code that is called with a shared message.
pub type Call<M> = Arc<dyn Fn(Arc<M>, MessageContext) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;

/// What an adapter is to do with a message after one attempt to handle it. A failure was logged.
#[derive(Debug)]
#[must_use = "the broker waits to be told"]
pub enum HandlingOutcome {
    /// It is handled, or was skipped: acknowledge it.
    Done,
    /// Try it again after that time.
    Retry(Duration, HandlerError),
    /// No attempt is left, or another one would fail too: it is a dead letter.
    Park(HandlerError),
    /// Hand it back, and stop consuming.
    Stop(HandlerError),
}

/// Calls a handler once. A panic is a failure like any other.
pub(super) async fn handle<M>(call: &Call<M>, message: Arc<M>, context: MessageContext) -> Result<(), HandlerError> {
    // The function that makes the future may panic as well as the future.
    let handled = catch_panic(async { call(message, context).await }).await;
    handled.unwrap_or_else(|panic| Err(HandlerError::panicked(panic)))
}

/// Calls a handler for attempt `attempt` (from 1), logs a failure and decides what follows. `message_channel_id` is for the
/// log.
///
/// The text of the error is user code, which may panic: it is rendered once, guarded, and only that text is logged.
pub async fn attempt<M: ChannelMessage>(
    call: &Call<M>,
    counters: &Counters,
    message_channel_id: &'static str,
    message: &Arc<M>,
    attempt: u32,
    replay: bool,
    retry_policy: &RetryPolicy,
) -> HandlingOutcome {
    let retry_attempts_left = retry_policy.attempts_left(attempt);
    let context = MessageContext::new(attempt, retry_attempts_left, replay);
    let in_flight = counters.begin();
    let handled = handle(call, Arc::clone(message), context).await;
    drop(in_flight);
    let Err(error) = handled else {
        counters.handled();
        return HandlingOutcome::Done;
    };
    counters.failed();
    let (about, error_text) = (message.as_message(), error.words());
    tracing::warn!(
        message_channel = message_channel_id,
        event_store = about.event_store_id(),
        aggregate_id = about.aggregate_id(),
        version = about.version(),
        attempt,
        retry_attempts_left,
        action = ?error.action(),
        error = error_text,
        "a handler failed"
    );
    match error.action() {
        FailureAction::Skip => {
            counters.handled();
            HandlingOutcome::Done
        }
        FailureAction::Stop => HandlingOutcome::Stop(error),
        FailureAction::Retry if retry_attempts_left > 0 => {
            HandlingOutcome::Retry(retry_policy.delay_after(attempt), error)
        }
        FailureAction::Retry | FailureAction::Park => HandlingOutcome::Park(error),
    }
}

/// Logs that a message is given up.
pub fn log_given_up<M: ChannelMessage>(
    message_channel_id: &'static str,
    message: &M,
    attempts: u32,
    error: &HandlerError,
) {
    let about = message.as_message();
    tracing::error!(
        message_channel = message_channel_id,
        event_store = about.event_store_id(),
        aggregate_id = about.aggregate_id(),
        version = about.version(),
        attempts,
        error = error.words(),
        "a message could not be handled"
    );
}
