use std::any::Any;
use std::error::Error;
use std::fmt;

use crate::error_chain::guarded_text;
use crate::future::panic_text;

/// Why user code that was called by the library (a worker, a listener, a hook) failed.
///
/// `?` makes one of any error. What becomes of the message is its [`ErrorClass`]: by default it is tried again, as the
/// retry policy of its consumer says. [`park`](Self::park), [`skip`](Self::skip) and [`stop`](Self::stop) say otherwise;
/// [`classified`](crate::classified) lets an error type of your own decide.
pub struct HandlerError {
    source: Box<dyn Error + Send + Sync>,
    class: ErrorClass,
}

/// What becomes of a message whose handler failed.
///
/// Consumers of messages go by it. Projections, which also answer with a [`HandlerError`], know two classes: `Park` and
/// `Skip` are not tried again, `Retry` and `Stop` are; then their own options decide. For hooks of event stores it is of no
/// matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ErrorClass {
    /// It is tried again after a while, as the retry policy says, and parked when no attempt is left.
    #[default]
    Retry,
    /// It is of no use to try again: it goes to the dead letters at once.
    Park,
    /// It does not matter: it counts as handled. The error is logged.
    Skip,
    /// No message can be handled any more (a missing table, a revoked password). The consumer stops, and its broker keeps
    /// the message and those after it for the next one. In memory, where there is no broker, the message and those that
    /// wait go to the dead letters; after that a queue's do until there is another worker, and a bus has the listener no
    /// more.
    Stop,
}

/// An error type of a handler that says what becomes of the message. See [`classified`](crate::classified).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what becomes of a message whose handler fails with it",
    label = "has no error class",
    note = "write `impl ClassifyError for {Self} {{ fn class(&self) -> ErrorClass {{ … }} }}`, or answer `HandlerError`, which `?` makes of any error"
)]
pub trait ClassifyError: Error + Send + Sync + Sized + 'static {
    /// What becomes of the message.
    fn class(&self) -> ErrorClass;
}

impl HandlerError {
    /// A failure that may pass: the message is tried again.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::with_class(source, ErrorClass::Retry)
    }

    /// A failure of a class.
    pub fn with_class(source: impl Into<Box<dyn Error + Send + Sync>>, class: ErrorClass) -> Self {
        Self { source: source.into(), class }
    }

    /// A failure whose class the error itself tells.
    pub fn classified<E: ClassifyError>(error: E) -> Self {
        let class = error.class();
        Self::with_class(error, class)
    }

    /// A failure that will come again, however often the message is tried: it goes to the dead letters at once.
    pub fn permanent(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::with_class(source, ErrorClass::Park)
    }

    /// The same as [`permanent`](Self::permanent), by the name of its [class](ErrorClass::Park).
    pub fn park(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::permanent(source)
    }

    /// A failure that does not matter: the message counts as handled.
    pub fn skip(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::with_class(source, ErrorClass::Skip)
    }

    /// A failure after which no message can be handled: the consumer stops.
    pub fn stop(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::with_class(source, ErrorClass::Stop)
    }

    /// What becomes of the message.
    pub fn class(&self) -> ErrorClass {
        self.class
    }

    /// Whether trying again is of no use. (Projections ask only this: what is skipped elsewhere is refused there, and parked or not as `OnFailure` says.)
    pub fn is_permanent(&self) -> bool {
        matches!(self.class, ErrorClass::Park | ErrorClass::Skip)
    }

    /// The error behind it.
    pub fn source(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.source
    }

    /// The error behind it.
    pub fn into_source(self) -> Box<dyn Error + Send + Sync> {
        self.source
    }

    /// Its text, for a log. The text is user code, which may panic: then another one is returned.
    #[doc(hidden)]
    pub fn words(&self) -> String {
        guarded_text(self)
    }

    /// What a panic of a handler counts as: a failure like any other, which must not stop the messages after it. For
    /// adapters that call handlers.
    pub fn panicked(panic: Box<dyn Any + Send>) -> Self {
        Self::new(format!("the handler panicked: {}", panic_text(&*panic)))
    }
}

/// `HandlerError` is itself no `Error`, as `anyhow::Error` is none: so `?` can make one of any.
impl<E: Error + Send + Sync + 'static> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HandlerError").field("source", &self.source).field("class", &self.class).finish()
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(formatter)
    }
}
