use std::error::Error;
use std::fmt;
use std::ops::Deref;

use super::CommandError;

/// The outcome of an attempt, whose error is searched for a conflict.
///
/// There are two kinds of errors, and no trait bound covers both: types that implement [`Error`], and types that
/// contain any error and therefore cannot implement it, such as `anyhow::Error`, `eyre::Report` and `Box<dyn Error +
/// Send + Sync>`. The latter dereference to `dyn Error`. `#[command]` generates a call of `error` with [`ErrorOutcome`]
/// in scope: the compiler uses the method of this type if the error type has such a dereference, and the method of the
/// trait otherwise.
#[doc(hidden)]
pub struct CommandOutcome<'e, T, E>(&'e Result<T, E>);

impl<'e, T, E> CommandOutcome<'e, T, E> {
    pub fn of(outcome: &'e Result<T, E>) -> Self {
        Self(outcome)
    }
}

impl<'e, T, E: Deref<Target: DynError>> CommandOutcome<'e, T, E> {
    /// Returns the error of the attempt.
    pub fn error(self) -> Option<&'e (dyn Error + 'static)> {
        self.0.as_ref().err().map(|error| (**error).as_error())
    }
}

/// The outcome of an attempt whose error type implements [`Error`].
#[doc(hidden)]
pub trait ErrorOutcome<'e, E> {
    fn error(self) -> Option<&'e (dyn Error + 'static)>
    where
        E: CommandError;
}

impl<'e, T, E> ErrorOutcome<'e, E> for CommandOutcome<'e, T, E> {
    fn error(self) -> Option<&'e (dyn Error + 'static)>
    where
        E: CommandError,
    {
        self.0.as_ref().err().map(|error| error as _)
    }
}

/// `dyn Error`, with or without auto traits.
#[doc(hidden)]
pub trait DynError {
    fn as_error(&self) -> &(dyn Error + 'static);
}

impl DynError for dyn Error {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl DynError for dyn Error + Send {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl DynError for dyn Error + Send + Sync {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl<T, E> fmt::Debug for CommandOutcome<'_, T, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CommandOutcome").field("is_ok", &self.0.is_ok()).finish()
    }
}
