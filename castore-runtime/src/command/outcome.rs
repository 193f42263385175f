use std::error::Error;
use std::fmt;
use std::ops::Deref;

use super::CommandError;

/// The result of an attempt of a command. This type provides the error in which the generated code looks for a
/// conflict.
///
/// There are two kinds of error types, and no trait bound covers both. The types of the first kind implement [`Error`].
/// The types of the second kind can hold any error and therefore do not implement [`Error`], such as `anyhow::Error`,
/// `eyre::Report` and `Box<dyn Error + Send + Sync>`. They dereference to `dyn Error`. `#[command]` generates a call of
/// the method `error`, with [`ErrorOutcome`] in scope. If the error type dereferences to `dyn Error`, the compiler
/// chooses the method of this struct. Otherwise, it chooses the method of the trait.
#[doc(hidden)]
pub struct CommandOutcome<'e, T, E>(&'e Result<T, E>);

impl<'e, T, E> CommandOutcome<'e, T, E> {
    pub fn of(outcome: &'e Result<T, E>) -> Self {
        Self(outcome)
    }
}

impl<'e, T, E: Deref<Target: DynError>> CommandOutcome<'e, T, E> {
    /// Returns the error of the attempt, or `None` if the attempt succeeded.
    pub fn error(self) -> Option<&'e (dyn Error + 'static)> {
        self.0.as_ref().err().map(|error| (**error).as_error())
    }
}

/// The method `error` for outcomes whose error type implements [`Error`]. See [`CommandOutcome`].
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

/// An error trait object: `dyn Error`, with or without the auto traits `Send` and `Sync`.
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
