use std::any::Any;
use std::error::Error;
use std::fmt;

use crate::error::error_chain;
use crate::future::panic_text;

/// The error of a handler: a worker, a listener, a projection or a hook of an event store.
///
/// `?` converts any error into a `HandlerError`, including `anyhow::Error` and `eyre::Report`, and `.into()` converts a
/// text: `Err("no such user".into())`. The [`FailureAction`] of the error decides what the consumer does with the
/// message. The action defaults to [`FailureAction::Retry`], which follows the consumer's retry policy. Use
/// [`park`](Self::park), [`skip`](Self::skip) or [`stop`](Self::stop) to choose another action, or
/// [`classified`](crate::consumer::classified) to let your own error type choose.
pub struct HandlerError {
    source: Box<dyn Error + Send + Sync>,
    action: FailureAction,
}

/// The action that a consumer takes with a message whose handler failed.
///
/// Message consumers support all four actions. Projections distinguish only two cases. After `Retry` and `Stop`, they
/// retry. After `Park` and `Skip`, they do not retry, and the options of the projection determine what happens. Hooks
/// of event stores ignore the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum FailureAction {
    /// Retries the message after a delay, according to the retry policy. When no attempt is left, moves the message to
    /// the dead letters.
    #[default]
    Retry,
    /// Moves the message to the dead letters immediately, because another attempt would also fail.
    Park,
    /// Treats the message as handled. The error is logged.
    Skip,
    /// Stops the consumer, because no message can be handled, for example after a password was revoked. The broker
    /// keeps this message and later messages for the next consumer. The in-memory adapters have no broker.
    /// `InlineMessageQueueAdapter` returns the failure to the publisher. The other in-memory adapters move this message
    /// and all waiting messages to the dead letters. After that, an in-memory queue also moves new messages to the dead
    /// letters until it has another worker, and an in-memory bus removes the listener.
    Stop,
}

/// An error type that chooses the [`FailureAction`] after a handler has failed. See
/// [`classified`](crate::consumer::classified).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not specify what happens to a message whose handler returns this error",
    label = "does not implement `ClassifyError`",
    note = "write `impl ClassifyError for {Self} {{ fn action(&self) -> FailureAction {{ … }} }}`, or return `HandlerError`, to which `?` converts any error"
)]
pub trait ClassifyError: Error + Send + Sync + Sized + 'static {
    /// Returns the action that the consumer takes with the message.
    fn action(&self) -> FailureAction;
}

impl HandlerError {
    /// Creates an error after which the message is retried.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::with_action(source, FailureAction::Retry)
    }

    /// Creates an error with the given action.
    pub fn with_action(source: impl Into<Box<dyn Error + Send + Sync>>, action: FailureAction) -> Self {
        Self { source: source.into(), action }
    }

    /// Creates an error with the action that `error` chooses.
    pub fn classified<E: ClassifyError>(error: E) -> Self {
        let action = error.action();
        Self::with_action(error, action)
    }

    /// Creates a permanent error: the message becomes a dead letter immediately.
    pub fn park(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::with_action(source, FailureAction::Park)
    }

    /// Creates an error that is only logged: the message counts as handled.
    pub fn skip(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::with_action(source, FailureAction::Skip)
    }

    /// Creates an error that stops the consumer.
    pub fn stop(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::with_action(source, FailureAction::Stop)
    }

    /// Returns the action that the consumer takes with the message.
    pub fn action(&self) -> FailureAction {
        self.action
    }

    /// Returns whether another attempt is pointless: the action is `Park` or `Skip`.
    pub fn is_permanent(&self) -> bool {
        matches!(self.action, FailureAction::Park | FailureAction::Skip)
    }

    /// Returns the error with which the handler failed.
    pub fn source(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.source
    }

    /// Returns the error with which the handler failed, by value.
    pub fn into_source(self) -> Box<dyn Error + Send + Sync> {
        self.source
    }

    /// Returns the text of the error and of its sources, for a log. These texts are rendered by user code. If that code
    /// panics, a fixed text is used instead.
    #[doc(hidden)]
    pub fn words(&self) -> String {
        error_chain(&*self.source)
    }

    /// Creates the error for a handler that panicked, for adapters that call handlers. A panic is treated like any
    /// other failure.
    pub fn panicked(panic: Box<dyn Any + Send>) -> Self {
        Self::new(format!("the handler panicked: {}", panic_text(&*panic)))
    }
}

/// Converts everything that can be converted into a boxed error: errors, texts, boxed errors, `anyhow::Error` and
/// `eyre::Report`. Like `anyhow::Error`, `HandlerError` therefore does not implement `Error` itself. If it did, this
/// impl would overlap with the standard library's conversion of a type into itself.
impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HandlerError").field("source", &self.source).field("action", &self.action).finish()
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(formatter)
    }
}
