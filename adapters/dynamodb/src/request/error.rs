use castore_aws::RequestError;
use castore_core::storage::StorageError;

/// Converts the error of a failed read to a storage error.
pub(crate) fn read_failed(error: RequestError) -> StorageError {
    StorageError::engine(error)
}

/// Converts the error of a failed push to a storage error. The outcome of the push may be unknown.
pub(crate) fn push_failed(error: RequestError) -> StorageError {
    if error.maybe_done() { StorageError::UnknownOutcome(error.into()) } else { StorageError::engine(error) }
}
