use std::any::Any;
use std::error::Error;
use std::fmt;

use crate::future::panic_text;

/// Why user code that was called by the library (a worker, a listener, a hook) failed.
///
/// `?` makes one of any error. By default a message whose handler failed is tried again, as its retry policy says;
/// [`permanent`](Self::permanent) says that trying again is of no use.
pub struct HandlerError {
    source: Box<dyn Error + Send + Sync>,
    permanent: bool,
}

impl HandlerError {
    /// A failure that may pass.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: source.into(), permanent: false }
    }

    /// A failure that will come again, however often the message is tried: it goes to the dead letters at once.
    pub fn permanent(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: source.into(), permanent: true }
    }

    /// Whether trying again is of no use.
    pub fn is_permanent(&self) -> bool {
        self.permanent
    }

    /// The error behind it.
    pub fn source(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.source
    }

    /// The error behind it.
    pub fn into_source(self) -> Box<dyn Error + Send + Sync> {
        self.source
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
        formatter
            .debug_struct("HandlerError")
            .field("source", &self.source)
            .field("permanent", &self.permanent)
            .finish()
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(formatter)
    }
}
