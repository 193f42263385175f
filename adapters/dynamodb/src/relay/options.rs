use std::time::Duration;

use crate::DynamoDbRelayError;

/// Where a relay starts that has never run: there is no safe default on a table with history. A relay that has run goes
/// on from its cursors, whatever is said here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DynamoDbRelayStart {
    /// Publishes what the stream still has, that is what was stored in the last 24 hours, and what is stored from now
    /// on.
    TrimHorizon,
    /// Publishes what is stored from now on, and a little of what was stored in the two seconds before: clocks differ.
    Latest,
    /// Publishes all events that are stored, aggregate by aggregate, and then what is stored from now on. See
    /// [`DynamoDbRelay`](crate::DynamoDbRelay) for what a backfill does.
    Backfill,
}

/// What to do if the stream does not have the next records any more, or is another one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnGap {
    /// The relay stops, and says why. Started again, it stops again, unless it is then told to backfill.
    #[default]
    Stop,
    /// All events that are stored are published again, aggregate by aggregate.
    Backfill,
}

#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) name: String,
    pub(super) owner: String,
    pub(super) batch_size: usize,
    pub(super) lease: Duration,
    pub(super) publish_timeout: Duration,
    pub(super) poll_interval: Duration,
    /// Base and maximum.
    pub(super) outage_backoff: (Duration, Duration),
    /// Base and maximum.
    pub(super) parked_backoff: (Duration, Duration),
    pub(super) on_gap: OnGap,
}

impl Options {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            owner: format!("process {} ({:08x})", std::process::id(), fastrand::u32(..)),
            batch_size: 500,
            lease: Duration::from_secs(30),
            publish_timeout: Duration::from_secs(10),
            poll_interval: Duration::from_millis(500),
            outage_backoff: (Duration::from_millis(100), Duration::from_secs(10)),
            parked_backoff: (Duration::from_secs(1), Duration::from_secs(300)),
            on_gap: OnGap::Stop,
        }
    }

    pub(super) fn validate(&self) -> Result<(), DynamoDbRelayError> {
        let reason = if self.name.is_empty() || self.name.len() > 2_048 {
            "its name has 1 to 2048 bytes".to_owned()
        } else if self.batch_size == 0 {
            "its batches are of 0 events".to_owned()
        } else if self.publish_timeout.is_zero() || self.poll_interval.is_zero() {
            "its publish time-out and its poll interval are longer than 0".to_owned()
        } else if self.publish_timeout >= self.lease {
            format!(
                "its publish time-out ({:?}) must be shorter than its lease ({:?}), or it would publish after another \
                 took over",
                self.publish_timeout, self.lease
            )
        } else {
            return Ok(());
        };
        Err(DynamoDbRelayError::InvalidOptions { relay: self.name.clone(), reason })
    }
}
