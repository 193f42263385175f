use std::time::Duration;

use castore_core::error::InvalidOptionError;
use castore_core::time::backoff_delay;

/// A policy for retrying requests. Defaults to 10 attempts, each with a time limit of 10 seconds. The first pause
/// between attempts lasts at most 25 milliseconds. This maximum doubles with each attempt, up to 2 seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPolicy {
    attempts: u32,
    backoff: Duration,
    max_backoff: Duration,
    timeout: Duration,
}

impl Default for RequestPolicy {
    fn default() -> Self {
        Self {
            attempts: 10,
            backoff: Duration::from_millis(25),
            max_backoff: Duration::from_secs(2),
            timeout: Duration::from_secs(10),
        }
    }
}

impl RequestPolicy {
    /// Sets the maximum number of times that a request is sent. Defaults to 10.
    #[must_use]
    pub fn attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    /// Sets the backoff between attempts. Each pause is a random duration below an upper bound, which starts at `first`
    /// and doubles with each attempt, up to `longest`. Defaults to 25 milliseconds and 2 seconds.
    #[must_use]
    pub fn backoff(self, first: Duration, longest: Duration) -> Self {
        Self { backoff: first, max_backoff: longest, ..self }
    }

    /// Sets the time limit for one response. Defaults to 10 seconds.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Checks the values of all options. Builders call this function before they use the policy.
    ///
    /// # Errors
    /// [`InvalidOptionError`] for the first option with an invalid value.
    pub fn validate(&self) -> Result<(), InvalidOptionError> {
        InvalidOptionError::check(self.attempts > 0, "attempts", "must be at least 1")?;
        let is_growing = self.backoff <= self.max_backoff;
        InvalidOptionError::check(is_growing, "backoff", "the first pause must not be longer than the longest")?;
        InvalidOptionError::check(!self.timeout.is_zero(), "timeout", "must be greater than 0")
    }

    /// Returns the maximum number of times that a request is sent.
    pub fn max_attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the time limit for one response.
    pub fn answer_timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns the pause after the given number of attempts. The pause is a random duration below the upper bound that
    /// [`backoff`](Self::backoff) describes, so that requests that were throttled together are not retried together.
    pub fn pause(&self, attempts: u32) -> Duration {
        self.longest(attempts).mul_f64(fastrand::f64())
    }

    fn longest(&self, attempts: u32) -> Duration {
        backoff_delay(self.backoff, self.max_backoff, attempts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = RequestPolicy::default();
        let longest: Vec<_> =
            [1, 2, 3, 7, 8, 100, u32::MAX].map(|attempts| policy.longest(attempts).as_millis()).into();
        assert_eq!(longest, [25, 50, 100, 1_600, 2_000, 2_000, 2_000]);
        for attempts in 1..20 {
            assert!(policy.pause(attempts) <= policy.longest(attempts));
        }
    }

    #[test]
    fn invalid_options_are_named() {
        let option = |policy: RequestPolicy| policy.validate().unwrap_err().option;
        let second = Duration::from_secs(1);
        RequestPolicy::default().attempts(1).backoff(second, second).timeout(second).validate().unwrap();
        assert_eq!(option(RequestPolicy::default().attempts(0)), "attempts");
        assert_eq!(option(RequestPolicy::default().backoff(second, second / 2)), "backoff");
        assert_eq!(option(RequestPolicy::default().timeout(Duration::ZERO)), "timeout");
    }
}
