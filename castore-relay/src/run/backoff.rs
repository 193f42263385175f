use std::time::Duration;

/// Waits longer after each failure, to a maximum; each wait differs, so that many do not come back at once.
#[derive(Debug)]
pub(crate) struct Backoff {
    base: Duration,
    max: Duration,
    failures: u32,
}

impl Backoff {
    pub(crate) fn new((base, max): (Duration, Duration)) -> Self {
        Self { base, max, failures: 0 }
    }

    /// How long to wait now.
    pub(crate) fn next(&mut self) -> Duration {
        self.failures = self.failures.saturating_add(1);
        delay((self.base, self.max), self.failures)
    }
}

/// How long to wait after so many failures: between half of it and all of it.
pub(crate) fn delay((base, max): (Duration, Duration), failures: u32) -> Duration {
    let doubled = base.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1).min(30))).min(max);
    doubled.mul_f64(0.5 + fastrand::f64() / 2.0)
}
