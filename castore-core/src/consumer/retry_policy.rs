use std::time::Duration;

/// How often, and after how long, a message whose handler failed is tried again.
///
/// The default is Castore's: two retries, after 30 and 60 seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    attempts: u32,
    delay: Duration,
    backoff_rate: f64,
}

/// A back-off rate is no positive number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Invalid backoffRate, please select a positive number.")]
pub struct InvalidRetryPolicyError(());

impl RetryPolicy {
    /// `attempts` retries: the first `delay` after the failure, each later one `backoff_rate` times as long after
    /// its own.
    ///
    /// # Errors
    /// If `backoff_rate` is negative, infinite or no number. 0 is fine: no delay from the second retry on.
    pub fn new(attempts: u32, delay: Duration, backoff_rate: f64) -> Result<Self, InvalidRetryPolicyError> {
        if backoff_rate.is_finite() && backoff_rate >= 0.0 {
            Ok(Self { attempts, delay, backoff_rate })
        } else {
            Err(InvalidRetryPolicyError(()))
        }
    }

    /// No retries: a message whose handler fails goes to the dead letters at once.
    pub const NEVER: Self = Self { attempts: 0, delay: Duration::ZERO, backoff_rate: 1.0 };

    /// As many retries, each right after the failure. For tests.
    pub const fn immediately(attempts: u32) -> Self {
        Self { attempts, delay: Duration::ZERO, backoff_rate: 1.0 }
    }

    /// How often a message is tried again after its first attempt.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How long after the failure of attempt `attempt` (from 1) the next one is, to the millisecond.
    pub fn delay_after(&self, attempt: u32) -> Duration {
        let factor = self.backoff_rate.powf(f64::from(attempt.saturating_sub(1)));
        // The cast saturates.
        Duration::from_millis((self.delay.as_millis() as f64 * factor).round() as u64)
    }

    /// How many more attempts there are if attempt `attempt` (from 1) fails.
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
    fn waits_longer_each_time() {
        let policy = RetryPolicy::new(3, Duration::from_millis(41), 1.5).unwrap();
        let delays: Vec<_> = (1..=3).map(|attempt| policy.delay_after(attempt).as_millis()).collect();
        assert_eq!(delays, [41, 62, 92]);
        assert_eq!(RetryPolicy::default().delay_after(2), Duration::from_secs(60));
    }

    #[test]
    fn a_rate_of_0_waits_once() {
        let policy = RetryPolicy::new(3, Duration::from_millis(40), 0.0).unwrap();
        assert_eq!((policy.delay_after(1), policy.delay_after(2)), (Duration::from_millis(40), Duration::ZERO));
    }

    #[test]
    fn refuses_rates_that_make_no_sense() {
        for rate in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(RetryPolicy::new(1, Duration::ZERO, rate).is_err());
        }
    }
}
