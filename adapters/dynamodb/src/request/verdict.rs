//! What a failure says about the request.

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// What became of a request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was not done, and will not be however often it is sent.
    Refused,
    /// It was not done, and may be later.
    NotDone,
    /// Nobody knows.
    Unknown,
}

/// Errors of an overload, and of transactions that are in each other's way.
const LATER: &[&str] = &[
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "ReplicatedWriteConflictException",
];

/// Errors that DynamoDB does not promise to have done nothing with.
const UNKNOWN: &[&str] =
    &["InternalServerError", "InternalFailure", "ServiceUnavailable", "TransactionInProgressException"];

pub(super) fn of<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E>) -> Verdict {
    match error {
        SdkError::ConstructionFailure(_) => Verdict::Refused,
        SdkError::DispatchFailure(failure) => failure.as_connector_error().map_or(Verdict::Unknown, |error| {
            if failure.is_user() || find::<CredentialsError>(error).is_some() {
                Verdict::Refused
            } else if find::<io::Error>(error).is_some_and(|error| never_connected(error.kind())) {
                Verdict::NotDone
            } else {
                Verdict::Unknown
            }
        }),
        SdkError::ServiceError(answer) => match answer.err().code() {
            Some(code) if LATER.contains(&code) => Verdict::NotDone,
            Some(code) if UNKNOWN.contains(&code) => Verdict::Unknown,
            None if !answer.raw().status().is_client_error() => Verdict::Unknown,
            Some(_) if answer.raw().status().is_server_error() => Verdict::Unknown,
            _ => Verdict::Refused,
        },
        // No answer in time, half an answer, and whatever else there may be one day.
        _ => Verdict::Unknown,
    }
}

fn never_connected(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable};
    matches!(kind, ConnectionRefused | HostUnreachable | NetworkUnreachable | AddrNotAvailable)
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
}
