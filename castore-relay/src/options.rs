use std::time::Duration;

use crate::RelayError;

/// The position where a relay starts that has never run.
///
/// There is no default, because none is safe on a storage with history. A relay that has run before continues at its
/// checkpoint and ignores this value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayStart {
    /// Publishes all stored events, from the first one on.
    Beginning,
    /// Publishes the events that are stored from now on. Events of transactions that are open now are published.
    Now,
    /// Publishes the events after this position of the log: the position of a push, or of a backup.
    After(u64),
}

/// The longest duration of an option. Deadlines that are much later overflow the clock.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);

#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) name: String,
    pub(crate) owner: String,
    pub(crate) batch_size: usize,
    pub(crate) lease: Duration,
    pub(crate) publish_timeout: Duration,
    pub(crate) poll_interval: Duration,
    /// Base and maximum.
    pub(crate) outage_backoff: (Duration, Duration),
    /// Base and maximum.
    pub(crate) parked_backoff: (Duration, Duration),
    pub(crate) cached_aggregates: usize,
}

impl Options {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            owner: format!("process {} ({:08x})", std::process::id(), fastrand::u32(..)),
            batch_size: 500,
            lease: Duration::from_secs(30),
            publish_timeout: Duration::from_secs(10),
            poll_interval: Duration::from_millis(500),
            outage_backoff: (Duration::from_millis(100), Duration::from_secs(10)),
            parked_backoff: (Duration::from_secs(1), Duration::from_secs(300)),
            cached_aggregates: 1_000,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), RelayError> {
        let reason = if self.name.is_empty() {
            "`name` must not be empty".to_owned()
        } else if self.batch_size == 0 {
            "`batch_size` must be at least 1".to_owned()
        } else if self.publish_timeout.is_zero() || self.poll_interval.is_zero() {
            "`publish_timeout` and `poll_interval` must be longer than 0".to_owned()
        } else if [self.lease, self.poll_interval, self.outage_backoff.1, self.parked_backoff.1]
            .iter()
            .any(|duration| *duration > LONGEST)
        {
            "`lease`, `poll_interval`, `outage_backoff` and `parked_backoff` must be at most 365 days".to_owned()
        } else if self.publish_timeout >= self.lease {
            format!(
                "`publish_timeout` ({:?}) must be shorter than `lease` ({:?}), or the relay could publish after another \
                 process has taken over",
                self.publish_timeout, self.lease
            )
        } else if self.outage_backoff.0 > self.outage_backoff.1 || self.parked_backoff.0 > self.parked_backoff.1 {
            "the first delay of `outage_backoff` and `parked_backoff` must not be longer than the maximum".to_owned()
        } else if self.outage_backoff.0.is_zero() || self.parked_backoff.0.is_zero() {
            "the first delay of `outage_backoff` and `parked_backoff` must be longer than 0".to_owned()
        } else {
            return Ok(());
        };
        Err(RelayError::InvalidOptions { relay: self.name.clone(), reason })
    }
}
