//! A single attempt to handle a message. All consumers call their handlers through this module, so that failures are
//! caught, counted and logged in the same way, and lead to the same decision.

use std::sync::Arc;
use std::time::Duration;

use super::status::Counters;
use super::{FilterPattern, MessageContext, RetryPolicy, UndecodableMessage};
use crate::consumer::{FailureAction, HandlerError};
use crate::context::process;
use crate::future::{BoxFuture, catch_panic};
use crate::message::ChannelMessage;

/// A user's handler, which is called with a shared message.
pub type Call<M> = Arc<dyn Fn(Arc<M>, MessageContext) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;

/// The action that an adapter must take after an attempt to handle a message. Failures have already been logged.
#[derive(Debug)]
#[must_use = "the adapter must act on the outcome"]
pub enum HandlingOutcome {
    /// The message was handled or skipped, or passes no filter. Acknowledge the message.
    Done,
    /// Retry the message after the given time.
    Retry(Duration, HandlerError),
    /// No attempt is left, or the failure is permanent. Move the message to the dead letters.
    Park(HandlerError),
    /// Hand the message back to the broker, and stop the consumer.
    Stop(HandlerError),
}

/// Calls a handler once, in a span and in the [context](crate::context) of the message. A panic is treated as a
/// failure.
pub(super) async fn handle<M: ChannelMessage>(
    call: &Call<M>,
    message_channel_id: &'static str,
    message: &Arc<M>,
    context: MessageContext,
) -> Result<(), HandlerError> {
    let (attempt, replay) = (context.attempt, context.replay);
    process(message_channel_id, message, attempt, replay, catching_panics(call, Arc::clone(message), context)).await
}

/// Calls a handler once, without a span and without the context of the message. A panic is treated as a failure.
pub(super) async fn catching_panics<M>(
    call: &Call<M>,
    message: Arc<M>,
    context: MessageContext,
) -> Result<(), HandlerError> {
    // The function that creates the future may also panic.
    let handled = catch_panic(async { call(message, context).await }).await;
    handled.unwrap_or_else(|panic| Err(HandlerError::panicked(panic)))
}

/// Calls a handler and returns the action that the adapter must take. A failure is counted and logged. `attempt` is the
/// number of this attempt, from 1. `message_channel_id` is used for logging.
///
/// The text of an error is rendered by user code, which may panic. Therefore the text is rendered once, with panics
/// caught, and only the result is logged.
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
    let handled = handle(call, message_channel_id, message, context).await;
    drop(in_flight);
    let Err(error) = handled else {
        counters.handled();
        return HandlingOutcome::Done;
    };
    let (about, error_text) = (message.as_message(), error.words());
    tracing::warn!(
        channel = message_channel_id,
        event_store = about.event_store_id(),
        aggregate_id = about.aggregate_id(),
        version = about.version(),
        attempt,
        retry_attempts_left,
        action = ?error.action(),
        error = error_text,
        "a handler failed"
    );
    failed(counters, attempt, retry_policy, error)
}

/// Counts a failed attempt, and returns the action for the error and the number of attempts left.
fn failed(counters: &Counters, attempt: u32, retry_policy: &RetryPolicy, error: HandlerError) -> HandlingOutcome {
    counters.failed();
    match error.action() {
        FailureAction::Skip => {
            counters.handled();
            HandlingOutcome::Done
        }
        FailureAction::Stop => HandlingOutcome::Stop(error),
        FailureAction::Retry if retry_policy.attempts_left(attempt) > 0 => {
            counters.retried();
            HandlingOutcome::Retry(retry_policy.delay_after(attempt), error)
        }
        FailureAction::Retry | FailureAction::Park => HandlingOutcome::Park(error),
    }
}

/// Returns the action for a message that cannot be decoded. `attempt` is the number of this attempt, from 1. `patterns`
/// describes the filters of the consumer. A message that passes no pattern is acknowledged, like a decoded message that
/// passes no filter. A pattern without event types covers all events of its store, or of the channel. Events of unknown
/// types therefore pass such a pattern, too.
///
/// For a message that passes a pattern, the action of `error` decides. However, a message without an event store id is
/// never retried: it becomes a dead letter instead.
pub fn attempt_undecodable(
    counters: &Counters,
    patterns: &[FilterPattern],
    message_channel_id: &'static str,
    message: &UndecodableMessage,
    error: HandlerError,
    attempt: u32,
    retry_policy: &RetryPolicy,
) -> HandlingOutcome {
    // A message without an event store is not in the JSON format of Castore, so no version of the program can decode
    // it.
    let error = match (message.event_store_id(), error.action()) {
        (None, FailureAction::Retry) => HandlerError::park(error.into_source()),
        _ => error,
    };
    if !message.passes(patterns) {
        counters.ignored();
        tracing::debug!(
            channel = message_channel_id,
            event_store = message.event_store_id(),
            event_type = message.event_type(),
            "ignored a message that cannot be decoded, because it passes no filter"
        );
        return HandlingOutcome::Done;
    }
    tracing::error!(
        channel = message_channel_id,
        event_store = message.event_store_id(),
        event_type = message.event_type(),
        attempt,
        retry_attempts_left = retry_policy.attempts_left(attempt),
        action = ?error.action(),
        error = error.words(),
        "could not decode a message"
    );
    failed(counters, attempt, retry_policy, error)
}

/// Logs that a message became a dead letter.
pub fn log_given_up<M: ChannelMessage>(
    message_channel_id: &'static str,
    message: &M,
    attempts: u32,
    error: &HandlerError,
) {
    let about = message.as_message();
    tracing::error!(
        channel = message_channel_id,
        event_store = about.event_store_id(),
        aggregate_id = about.aggregate_id(),
        version = about.version(),
        attempts,
        error = error.words(),
        "a message became a dead letter"
    );
}
