//! What a failure says about the request.

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// What became of a request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureClass {
    /// It was not done, and will not be however often it is sent.
    Refused,
    /// It was not done, and may be later.
    NotDone,
    /// Nobody knows.
    Unknown,
}

impl FailureClass {
    /// Of a failure of any service.
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
            // No answer in time, half an answer, and whatever else there may be one day.
            _ => Self::Unknown,
        }
    }
}

/// What the code of an error is about, of a whole request or of one of its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCodeKind {
    /// Too much was asked for at a time: later it may be done.
    Overload,
    /// The service failed. It may or may not have done what it was asked for.
    Internal,
    /// It is not allowed, or an encryption key is not to be had: no fault of the message.
    Denied,
    /// Anything else.
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
    /// Of a code, with or without the name of its service before it (`AWS.SimpleQueueService.…`, `KMS.…`).
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
