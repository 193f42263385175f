use std::time::Duration;

/// A policy for retrying messages whose handler failed: the number of retries and their delays.
///
/// Defaults to two retries, after 30 and 60 seconds, as in the original package.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    attempts: u32,
    delay: Duration,
    backoff_rate: f64,
}

/// The error for a backoff rate that is negative, infinite or not a number. The error text is the same as in the
/// original TypeScript package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Invalid backoffRate, please select a positive number.")]
pub struct InvalidRetryPolicyError(());

impl RetryPolicy {
    /// Creates a policy with `attempts` retries. The first retry is made `delay` after the failure. The delay of each
    /// further retry is the previous delay multiplied by `backoff_rate`.
    ///
    /// # Errors
    /// [`InvalidRetryPolicyError`] if `backoff_rate` is negative, infinite or not a number. A rate of 0 is valid: only
    /// the first retry is delayed.
    pub fn new(attempts: u32, delay: Duration, backoff_rate: f64) -> Result<Self, InvalidRetryPolicyError> {
        if backoff_rate.is_finite() && backoff_rate >= 0.0 {
            Ok(Self { attempts, delay, backoff_rate })
        } else {
            Err(InvalidRetryPolicyError(()))
        }
    }

    /// A policy without retries: a message whose handler fails becomes a dead letter immediately.
    pub const NEVER: Self = Self { attempts: 0, delay: Duration::ZERO, backoff_rate: 1.0 };

    /// Creates a policy with the given number of retries, each immediately after the failure. For tests.
    pub const fn immediately(attempts: u32) -> Self {
        Self { attempts, delay: Duration::ZERO, backoff_rate: 1.0 }
    }

    /// Returns the number of retries after the first attempt.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the delay between the failure of attempt `attempt` (from 1) and the next attempt, in whole
    /// milliseconds.
    pub fn delay_after(&self, attempt: u32) -> Duration {
        let factor = self.backoff_rate.powf(f64::from(attempt.saturating_sub(1)));
        // The cast to `u64` saturates.
        Duration::from_millis((self.delay.as_millis() as f64 * factor).round() as u64)
    }

    /// Returns the number of attempts that are left if attempt `attempt` (from 1) fails.
    pub fn attempts_left(&self, attempt: u32) -> u32 {
        self.attempts.saturating_add(1).saturating_sub(attempt)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 2, delay: Duration::from_secs(30), backoff_rate: 2.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_with_each_retry() {
        let policy = RetryPolicy::new(3, Duration::from_millis(41), 1.5).unwrap();
        let delays: Vec<_> = (1..=3).map(|attempt| policy.delay_after(attempt).as_millis()).collect();
        assert_eq!(delays, [41, 62, 92]);
        assert_eq!(RetryPolicy::default().delay_after(2), Duration::from_secs(60));
    }

    #[test]
    fn rate_of_0_delays_the_first_retry_only() {
        let policy = RetryPolicy::new(3, Duration::from_millis(40), 0.0).unwrap();
        assert_eq!((policy.delay_after(1), policy.delay_after(2)), (Duration::from_millis(40), Duration::ZERO));
    }

    #[test]
    fn invalid_rates_are_rejected() {
        for rate in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(RetryPolicy::new(1, Duration::ZERO, rate).is_err());
        }
    }
}
