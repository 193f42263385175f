use std::time::Duration;

use castore_core::time::backoff_delay;

/// An exponential backoff with jitter.
#[derive(Debug, Clone)]
pub struct Backoff {
    range: (Duration, Duration),
    failures: u32,
}

impl Backoff {
    /// Creates a backoff that starts at the first duration and grows up to the second.
    pub fn new(range: (Duration, Duration)) -> Self {
        Self { range, failures: 0 }
    }

    /// Counts a failure and returns the delay before the next attempt.
    pub fn next_delay(&mut self) -> Duration {
        self.failures = self.failures.saturating_add(1);
        delay(self.range, self.failures)
    }

    /// Resets the backoff to the shortest delay, after a success.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

/// Returns the delay after a number of failures: `base`, doubled with each failure after the first, and at most `max`.
///
/// The delay is shortened by up to half at random. Therefore, processes that failed at the same time do not retry at
/// the same time.
pub fn delay((base, max): (Duration, Duration), failures: u32) -> Duration {
    backoff_delay(base, max, failures).mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

    #[test]
    fn delay_doubles_up_to_the_maximum_with_jitter() {
        let mut backoff = Backoff::new(RANGE);
        for longest in [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000] {
            let longest = Duration::from_millis(longest);
            let delay = backoff.next_delay();
            assert!(longest / 2 <= delay && delay <= longest, "{delay:?} is not between half of {longest:?} and it");
        }
        backoff.reset();
        assert!(backoff.next_delay() <= RANGE.0);
    }

    #[test]
    fn delay_of_the_longest_durations_does_not_overflow() {
        let year = Duration::from_secs(365 * 24 * 3_600);
        assert!(delay((year, year), u32::MAX) <= year);
    }
}
