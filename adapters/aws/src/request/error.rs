use std::error::Error;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{FailureClass, Request};

/// The error of a failed request.
///
/// The text contains the error that the service returned. If the service returned no error, `source` returns the
/// reason.
#[derive(Debug, thiserror::Error)]
#[error("{operation} of {service} failed{}: {what}", after(*.attempts))]
pub struct RequestError {
    service: &'static str,
    operation: &'static str,
    attempts: u32,
    class: FailureClass,
    maybe_done: bool,
    // Boxed to keep the error small.
    code: Option<Box<str>>,
    what: Box<str>,
    /// The error that the service returned. `source` does not return this error, because `what` already contains its
    /// text. Boxed to keep the error small.
    service_error: Option<Box<BoxError>>,
    source: Option<BoxError>,
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
                    (None, _) => format!("status {status} with an unreadable response"),
                }
            }
            SdkError::ConstructionFailure(_) => "the request could not be created".to_owned(),
            SdkError::TimeoutError(_) => "no response in time".to_owned(),
            SdkError::DispatchFailure(_) => "no response".to_owned(),
            _ => "an unreadable response".to_owned(),
        };
        // The SDK's own error is dropped, because it contains the raw response, which may include stored data.
        let (service_error, source) = match error {
            SdkError::ServiceError(answer) => (Some(Box::new(answer.into_err().into())), None),
            other => (None, other.into_source().ok()),
        };
        let Request { service, operation, .. } = request;
        Self { service, operation, attempts, class, maybe_done, code, what: what.into(), service_error, source }
    }

    /// Returns the name of the service.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// Returns the name of the operation, as in the API of the service.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Returns the number of attempts.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the class of the last attempt's failure. If that class is [`FailureClass::NotDone`], but an earlier
    /// attempt may have been executed, returns [`FailureClass::Unknown`].
    pub fn class(&self) -> FailureClass {
        self.class
    }

    /// Returns whether any attempt may have been executed, even if the last one was not.
    pub fn maybe_done(&self) -> bool {
        self.maybe_done
    }

    /// Returns the error code of the service, such as `ThrottlingException`, or `None` if the service returned no error
    /// code.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Returns the error of the service, if it is of type `E`.
    pub fn service_error<E: Error + 'static>(&self) -> Option<&E> {
        self.service_error.as_ref()?.downcast_ref()
    }
}
