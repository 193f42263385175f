use std::time::Duration;

/// How often and when to ask again: 10 times by default, after up to 25 ms at first, and up to 2 s at last.
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
    /// How often a request is sent at most. At least once it is.
    #[must_use]
    pub fn attempts(self, attempts: u32) -> Self {
        Self { attempts: attempts.max(1), ..self }
    }

    /// The longest pause after the first attempt, which doubles with each, and the longest of all.
    #[must_use]
    pub fn backoff(self, first: Duration, longest: Duration) -> Self {
        Self { backoff: first, max_backoff: longest, ..self }
    }

    /// How long to wait for one answer: 10 s by default.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// How often a request is sent at most.
    pub fn max_attempts(&self) -> u32 {
        self.attempts
    }

    /// How long to wait for one answer.
    pub fn answer_timeout(&self) -> Duration {
        self.timeout
    }

    /// The pause after so many attempts: anything up to the backoff, so that those who were throttled together do not
    /// come back together.
    pub fn pause(&self, attempts: u32) -> Duration {
        self.longest(attempts).mul_f64(fastrand::f64())
    }

    fn longest(&self, attempts: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
        self.backoff.saturating_mul(doubled).min(self.max_backoff)
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
    fn once_is_the_least() {
        assert_eq!(RequestPolicy::default().attempts(0).max_attempts(), 1);
    }
}
