use std::time::Duration;

/// Options for checking the health of a [`Service`](super::Service).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Readiness {
    /// The largest lag of a projection that is ready, in positions of the log. Defaults to 1,000.
    pub max_lag: u64,
    /// The largest lag of a projection that is ready, as the age of the oldest event that is not applied yet. Defaults
    /// to `None`, which is no limit.
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
    /// Sets the largest lag of a projection that is ready, in positions of the log.
    #[must_use]
    pub fn max_lag(mut self, positions: u64) -> Self {
        self.max_lag = positions;
        self
    }

    /// Sets the largest lag of a projection that is ready, as the age of the oldest event that is not applied yet.
    #[must_use]
    pub fn max_lag_time(mut self, age: Duration) -> Self {
        self.max_lag_time = Some(age);
        self
    }

    /// Sets the time limit for checking a part. Use a shorter time than the timeout of the probe.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}
