use std::time::Duration;

/// Returns the delay of an exponential backoff without jitter. The delay is `base` after the first failure, and doubles
/// after each further failure, up to `max`. Commands, relays, projections and requests to AWS use this function, mostly
/// with jitter. Retries of messages do not use it: their delays follow the
/// [`RetryPolicy`](crate::consumer::RetryPolicy) of the consumer.
pub fn backoff_delay(base: Duration, max: Duration, failures: u32) -> Duration {
    let factor = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    base.saturating_mul(factor).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_doubles_up_to_the_maximum() {
        let delays = [0, 1, 2, 3, 7, 8, 33, u32::MAX]
            .map(|failures| backoff_delay(Duration::from_millis(10), Duration::from_secs(1), failures).as_millis());
        assert_eq!(delays, [10, 10, 20, 40, 640, 1000, 1000, 1000]);
        assert_eq!(backoff_delay(Duration::ZERO, Duration::MAX, u32::MAX), Duration::ZERO);
        assert_eq!(backoff_delay(Duration::MAX, Duration::MAX, u32::MAX), Duration::MAX);
    }
}
