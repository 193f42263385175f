use castore_aws::RequestError;
use castore_core::storage::StorageError;

/// The error of a read that was given up.
pub(crate) fn read_failed(error: RequestError) -> StorageError {
    StorageError::engine(error)
}

/// The error of a push that was given up: whether it was done may not be known.
pub(crate) fn push_failed(error: RequestError) -> StorageError {
    if error.maybe_done() { StorageError::UnknownOutcome(error.into()) } else { StorageError::engine(error) }
}
