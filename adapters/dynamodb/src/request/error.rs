use std::error::Error;
use std::fmt::Write;

use aws_sdk_dynamodb::error::{BoxError, ProvideErrorMetadata, SdkError};
use castore_runtime::storage::StorageError;

/// A request that DynamoDB did not answer as asked: the source of [`StorageError::Engine`] and
/// [`StorageError::UnknownOutcome`].
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed{}: {what}", after(*.attempts))]
pub struct RequestError {
    operation: &'static str,
    attempts: u32,
    code: Option<String>,
    what: String,
    source: BoxError,
}

fn after(attempts: u32) -> String {
    if attempts == 1 { String::new() } else { format!(" after {attempts} attempts") }
}

impl RequestError {
    pub(super) fn new<E>(operation: &'static str, attempts: u32, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let code = error.code().map(str::to_owned);
        let what = match &error {
            SdkError::ServiceError(answer) => {
                let status = answer.raw().status().as_u16();
                match (code.as_deref(), answer.err().message()) {
                    (Some(code), Some(message)) => format!("{code}: {message}"),
                    (Some(code), None) => code.to_owned(),
                    (None, _) => format!("status {status}, and no answer that can be read"),
                }
            }
            SdkError::ConstructionFailure(_) => format!("the request could not be made{}", causes(&error)),
            SdkError::TimeoutError(_) => format!("no answer in time{}", causes(&error)),
            SdkError::DispatchFailure(_) => format!("no answer{}", causes(&error)),
            _ => format!("no answer that can be read{}", causes(&error)),
        };
        // Not the SDK's own error: it has the raw answer, and with it what is stored.
        let source = match error {
            SdkError::ServiceError(answer) => answer.into_err().into(),
            other => other.into_source().unwrap_or_else(Into::into),
        };
        Self { operation, attempts, code, what, source }
    }

    /// The request, as DynamoDB's API names it.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// How often it was sent.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// DynamoDB's code of the error, such as `ThrottlingException`; `None` if it did not answer.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The service's error, if it is that of this operation.
    pub(crate) fn service<E: Error + 'static>(&self) -> Option<&E> {
        self.source.downcast_ref()
    }
}

fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    let mut last = String::new();
    for cause in std::iter::successors(error.source(), |&error| error.source()) {
        let cause = cause.to_string();
        // Some wrap what they repeat.
        if cause != last {
            // Writing to a String does not fail.
            let _ = write!(text, ": {cause}");
            last = cause;
        }
    }
    text
}

/// A request that was given up.
#[derive(Debug)]
pub(crate) struct Failure {
    /// One of its attempts may have been done.
    pub(crate) unknown: bool,
    pub(crate) error: RequestError,
}

impl Failure {
    /// As the error of a read.
    pub(crate) fn of_read(self) -> StorageError {
        StorageError::engine(self.error)
    }

    /// As the error of a push.
    pub(crate) fn of_push(self) -> StorageError {
        if self.unknown { StorageError::UnknownOutcome(self.error.into()) } else { StorageError::engine(self.error) }
    }
}
