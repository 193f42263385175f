use std::time::Duration;

use super::PartError;

/// The error of a [`Service`](super::Service).
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// A part ended with an error while the service was running. All other parts were stopped.
    #[error("the service stopped because {part} ended")]
    PartEnded {
        /// The name of the part.
        part: String,
        /// The error of the part.
        source: PartError,
    },
    /// A part could not be shut down properly. All other parts were stopped, too.
    #[error("{part} could not be shut down")]
    Shutdown {
        /// The name of the part.
        part: String,
        /// The error of the part.
        source: PartError,
    },
    /// Some parts were still running at the time limit of the shutdown, and were aborted.
    #[error("the shutdown of the service took longer than {limit:?}; aborted: {}", .parts.join(", "))]
    ShutdownTimedOut {
        /// The time limit.
        limit: Duration,
        /// The names of the parts that were aborted.
        parts: Vec<String>,
    },
}
