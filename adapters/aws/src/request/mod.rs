//! Requests that are retried after throttling and outages.

mod class;
mod error;
mod options;
mod policy;

use std::error::Error;
use std::future::Future;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

pub use class::{ErrorCodeKind, FailureClass};
pub use error::RequestError;
pub use policy::RequestPolicy;

/// A request that is retried after throttling and outages.
///
/// By default, a request is also retried if the outcome of an attempt is unknown, so the service may execute it more
/// than once. This is acceptable for messages with at-least-once delivery. For other requests, use
/// [`once`](Self::once). The [retries of the client must be disabled](crate::without_retries), because the client does
/// not know which failures are safe to retry.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    service: &'static str,
    operation: &'static str,
    policy: &'a RequestPolicy,
    repeatable: bool,
}

impl<'a> Request<'a> {
    /// Creates a request. `operation` is the name of the operation in the API of the service.
    pub fn new(service: &'static str, operation: &'static str, policy: &'a RequestPolicy) -> Self {
        Self { service, operation, policy, repeatable: true }
    }

    /// Restricts retries: the request is sent again only if the failed attempt was certainly not executed.
    #[must_use]
    pub fn once(self) -> Self {
        Self { repeatable: false, ..self }
    }

    /// Sends the request that `request` creates, and retries it until it succeeds, fails with an error that must not be
    /// retried, or has no attempt left.
    ///
    /// # Cancellation
    /// If the future is dropped, the current attempt may or may not be executed.
    ///
    /// # Errors
    /// The [`RequestError`] of the last attempt.
    pub async fn send<T, E, Sent>(self, request: impl Fn() -> Sent) -> Result<T, RequestError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        Sent: Future<Output = Result<T, SdkError<E, Response>>>,
    {
        self.send_judged(|_| None, request).await
    }

    /// Sends the request like [`send`](Self::send), but `judge` may override the class of an error that the service
    /// returned.
    ///
    /// # Errors
    /// The errors of [`send`](Self::send).
    pub async fn send_judged<T, E, Sent>(
        self,
        judge: impl Fn(&E) -> Option<FailureClass>,
        request: impl Fn() -> Sent,
    ) -> Result<T, RequestError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        Sent: Future<Output = Result<T, SdkError<E, Response>>>,
    {
        let (mut attempt, mut unknown) = (0, false);
        loop {
            attempt += 1;
            let error = match tokio::time::timeout(self.policy.answer_timeout(), request()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error,
                Err(elapsed) => SdkError::timeout_error(elapsed),
            };
            let class = error.as_service_error().and_then(&judge).unwrap_or_else(|| FailureClass::of(&error));
            unknown |= class == FailureClass::Unknown;
            let again = match class {
                FailureClass::Refused => false,
                FailureClass::NotDone => true,
                FailureClass::Unknown => self.repeatable,
            };
            if !again || attempt >= self.policy.max_attempts() {
                // An earlier attempt may have been executed even if the last one was not.
                let class = if unknown && class == FailureClass::NotDone { FailureClass::Unknown } else { class };
                return Err(RequestError::new(self, attempt, class, unknown, error));
            }
            let pause = self.policy.pause(attempt);
            tracing::debug!(
                service = self.service,
                operation = self.operation,
                attempt,
                ?pause,
                code = error.code(),
                "a request is sent again"
            );
            tokio::time::sleep(pause).await;
        }
    }
}

#[cfg(test)]
mod tests;
