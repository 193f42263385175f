use std::time::Duration;

/// Options for [`Service::health`](super::Service::health): the limits within which a part counts as ready. Pass them
/// to [`Service::readiness`](super::Service::readiness).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Readiness {
    /// The largest lag with which a projection is ready, in positions of the log. Defaults to 1,000.
    pub max_lag: u64,
    /// The largest lag with which a projection is ready, as the age of the oldest event that is not applied yet.
    /// Defaults to `None`, which means no limit.
    pub max_lag_time: Option<Duration>,
    /// The time limit for checking a part. A part that does not respond in time is not ready. Defaults to 1 second.
    pub timeout: Duration,
}

impl Default for Readiness {
    fn default() -> Self {
        Self { max_lag: 1_000, max_lag_time: None, timeout: Duration::from_secs(1) }
    }
}

impl Readiness {
    /// Sets the largest lag with which a projection is ready, in positions of the log. Defaults to 1,000.
    #[must_use]
    pub fn max_lag(mut self, positions: u64) -> Self {
        self.max_lag = positions;
        self
    }

    /// Sets the largest lag with which a projection is ready, as the age of the oldest event that is not applied yet.
    /// Defaults to no limit.
    #[must_use]
    pub fn max_lag_time(mut self, age: Duration) -> Self {
        self.max_lag_time = Some(age);
        self
    }

    /// Sets the time limit for checking a part. Choose a limit below the timeout of the orchestrator's probe. Defaults
    /// to 1 second.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}
