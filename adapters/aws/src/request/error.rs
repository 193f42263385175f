use std::error::Error;
use std::fmt::Write;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{FailureClass, Request};

/// A request that a service did not answer as asked.
#[derive(Debug, thiserror::Error)]
#[error("{operation} of {service} failed{}: {what}", after(*.attempts))]
pub struct RequestError {
    service: &'static str,
    operation: &'static str,
    attempts: u32,
    class: FailureClass,
    maybe_done: bool,
    // Small, as errors of a `Result` are moved about.
    code: Option<Box<str>>,
    what: Box<str>,
    source: BoxError,
}

fn after(attempts: u32) -> String {
    if attempts == 1 { String::new() } else { format!(" after {attempts} attempts") }
}

impl RequestError {
    pub(super) fn new<E>(
        request: Request<'_>,
        attempts: u32,
        class: FailureClass,
        maybe_done: bool,
        error: SdkError<E, Response>,
    ) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let code = error.code().map(Box::<str>::from);
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
        // Not the SDK's own error: it has the raw answer, and with it what is sent or stored.
        let source = match error {
            SdkError::ServiceError(answer) => answer.into_err().into(),
            other => other.into_source().unwrap_or_else(Into::into),
        };
        let Request { service, operation, .. } = request;
        Self { service, operation, attempts, class, maybe_done, code, what: what.into(), source }
    }

    /// The service.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// The request, as the API of the service names it.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// How often it was sent.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// What became of it.
    pub fn class(&self) -> FailureClass {
        self.class
    }

    /// Whether any of its attempts may have been done, whatever became of the last.
    pub fn maybe_done(&self) -> bool {
        self.maybe_done
    }

    /// The service's code of the error, such as `ThrottlingException`; `None` if it did not answer.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The service's error, if it is that of this operation.
    pub fn service_error<E: Error + 'static>(&self) -> Option<&E> {
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
