use std::time::Duration;

use crate::RelayError;

/// Where a relay starts that has never run: there is no safe default on a storage with history. A relay that has run
/// goes on from its checkpoint, whatever is said here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayStart {
    /// Publishes all events that are stored, from the first.
    Beginning,
    /// Publishes what is stored from now on. Events whose transactions are open now are published.
    Now,
    /// Publishes the events after this position of the log, as a push or a backup told it.
    At(u64),
}

/// The longest duration of an option: clocks cannot be set to much later.
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
            "its name is empty".to_owned()
        } else if self.batch_size == 0 {
            "its batches are of 0 events".to_owned()
        } else if self.publish_timeout.is_zero() || self.poll_interval.is_zero() {
            "its publish time-out and its poll interval must be longer than 0".to_owned()
        } else if [self.lease, self.poll_interval, self.outage_backoff.1, self.parked_backoff.1]
            .iter()
            .any(|duration| *duration > LONGEST)
        {
            "its lease, its poll interval and its back-offs must be 365 days at most".to_owned()
        } else if self.publish_timeout >= self.lease {
            format!(
                "its publish time-out ({:?}) must be shorter than its lease ({:?}), or it would publish after another \
                 has taken over",
                self.publish_timeout, self.lease
            )
        } else if self.outage_backoff.0 > self.outage_backoff.1 || self.parked_backoff.0 > self.parked_backoff.1 {
            "a back-off starts with more than its maximum".to_owned()
        } else if self.outage_backoff.0.is_zero() || self.parked_backoff.0.is_zero() {
            "its back-offs must start with more than 0".to_owned()
        } else {
            return Ok(());
        };
        Err(RelayError::InvalidOptions { relay: self.name.clone(), reason })
    }
}
