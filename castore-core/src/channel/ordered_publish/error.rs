use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::channel::PublishError;

/// The error for a message that was held back because an earlier message of its aggregate was rejected. Publishing the
/// message would have violated the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an earlier message of the aggregate was not published")]
pub struct HeldBackError;

/// The error for a message without a recorded outcome, after the message broker failed or the adapter was shut down
/// during the call. The message may have been published. The source of this error is the [failure](Self::failure) that
/// ended the call.
#[derive(Debug, Clone)]
pub struct UnpublishedError(Arc<PublishError>);

impl UnpublishedError {
    pub(super) fn new(failure: Arc<PublishError>) -> Self {
        Self(failure)
    }

    /// Returns the failure that ended the call.
    pub fn failure(&self) -> &PublishError {
        &self.0
    }
}

impl fmt::Display for UnpublishedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "the broker did not confirm the message, which may or may not have been published; publish it again",
        )
    }
}

// `Error` is not derived, because the derived source would be the `Arc`, which cannot be downcast to a `PublishError`.
impl Error for UnpublishedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.failure())
    }
}

/// The error for a message without a recorded outcome at the end of the call. The missing outcome is a bug in the
/// adapter.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the adapter recorded no outcome for the message; this is a bug in the adapter")]
pub(super) struct NoOutcomeError;
