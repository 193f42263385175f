use std::time::Duration;

/// How often and when to try again.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// At least 1.
    pub(crate) attempts: u32,
    /// The longest pause after the first attempt; it doubles with each.
    pub(crate) backoff: Duration,
    /// No pause is longer.
    pub(crate) max_backoff: Duration,
    /// How long to wait for one answer.
    pub(crate) timeout: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 10,
            backoff: Duration::from_millis(25),
            max_backoff: Duration::from_secs(2),
            timeout: Duration::from_secs(10),
        }
    }
}

impl Policy {
    /// The pause after so many attempts: anything up to the backoff, so that those who were throttled together do not
    /// come back together.
    pub(crate) fn pause(&self, attempts: u32) -> Duration {
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
        let policy = Policy::default();
        let longest: Vec<_> =
            [1, 2, 3, 7, 8, 100, u32::MAX].map(|attempts| policy.longest(attempts).as_millis()).into();
        assert_eq!(longest, [25, 50, 100, 1_600, 2_000, 2_000, 2_000]);
        for attempts in 1..20 {
            assert!(policy.pause(attempts) <= policy.longest(attempts));
        }
    }
}
