//! Classification of failed requests.

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// The class of a failure, which indicates whether the request was executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureClass {
    /// The request was not executed, because the service rejected it or because the client could not create or sign it.
    /// A retry would fail, too.
    Refused,
    /// The request was not executed. A later attempt may succeed.
    NotDone,
    /// The request may or may not have been executed.
    Unknown,
}

impl FailureClass {
    /// Returns the class of a failed request to any AWS service.
    pub fn of<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E, Response>) -> Self {
        match error {
            SdkError::ConstructionFailure(_) => Self::Refused,
            SdkError::DispatchFailure(failure) => failure.as_connector_error().map_or(Self::Unknown, |error| {
                if failure.is_user() || find::<CredentialsError>(error).is_some() {
                    Self::Refused
                } else if find::<io::Error>(error).is_some_and(|error| never_connected(error.kind())) {
                    Self::NotDone
                } else {
                    Self::Unknown
                }
            }),
            SdkError::ServiceError(answer) => {
                let server_error = !answer.raw().status().is_client_error();
                match answer.err().code().map(ErrorCodeKind::of) {
                    Some(ErrorCodeKind::Overload) => Self::NotDone,
                    Some(ErrorCodeKind::Internal) => Self::Unknown,
                    _ if server_error => Self::Unknown,
                    _ => Self::Refused,
                }
            }
            // A timeout, an incomplete response, and variants that future versions of the SDK may add.
            _ => Self::Unknown,
        }
    }
}

/// The kind of an error code that a service returned, either for a whole request or for a single entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCodeKind {
    /// The service did not execute the request, because of throttling or a conflict with another request. A later attempt
    /// may succeed.
    Overload,
    /// The service failed, and may or may not have executed the request.
    Internal,
    /// Access is denied, or an encryption key is unavailable. The error does not concern the content of the message.
    Denied,
    /// Any other error.
    Other,
}

const OVERLOAD: &[&str] = &[
    "BandwidthLimitExceeded",
    "ConcurrentModificationException",
    "EC2ThrottledException",
    "KmsThrottled",
    "LimitExceededException",
    "OperationAborted",
    "OverLimit",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "ReplicatedWriteConflictException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "TransactionConflictException",
];

const INTERNAL: &[&str] = &[
    "InternalError",
    "InternalException",
    "InternalFailure",
    "InternalServerError",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "TransactionInProgressException",
];

const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "OptInRequired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

impl ErrorCodeKind {
    /// Returns the kind of an error code. The code may start with the name of the service (`AWS.SimpleQueueService.…`,
    /// `KMS.…`).
    pub fn of(code: &str) -> Self {
        let (before, name) = code.rsplit_once('.').unwrap_or(("", code));
        if OVERLOAD.contains(&name) {
            Self::Overload
        } else if INTERNAL.contains(&name) {
            Self::Internal
        } else if DENIED.contains(&name) || before == "KMS" || name.starts_with("Kms") {
            Self::Denied
        } else {
            Self::Other
        }
    }
}

fn never_connected(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable};
    matches!(kind, ConnectionRefused | HostUnreachable | NetworkUnreachable | AddrNotAvailable)
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
}
