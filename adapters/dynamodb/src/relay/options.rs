use std::time::Duration;

use crate::DynamoDbRelayError;

/// The position where a relay starts that has never run.
///
/// There is no default, because none is safe on a table with history. A relay that has run before continues at its
/// cursors and ignores this value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DynamoDbRelayStart {
    /// Publishes all stored events with a backfill, aggregate by aggregate, and then the events that are stored from now
    /// on. See [`DynamoDbRelay`](crate::DynamoDbRelay) for the details of a backfill.
    Beginning,
    /// Publishes the events that are stored from now on. Some events of the last two seconds may be published, too,
    /// because clocks differ.
    Now,
    /// Publishes the events that are still in the stream: those of the last 24 hours, and those that are stored from now
    /// on.
    TrimHorizon,
}

/// What a relay does when the next records have expired from the stream, or when the table has a new stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnGap {
    /// The relay stops with an error. A relay that is started again stops again, unless it uses
    /// [`OnGap::Backfill`].
    #[default]
    Stop,
    /// The relay publishes all stored events again, aggregate by aggregate.
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
            "`name` must have 1 to 2048 bytes".to_owned()
        } else if self.batch_size == 0 {
            "`batch_size` must be at least 1".to_owned()
        } else if self.publish_timeout.is_zero() || self.poll_interval.is_zero() {
            "`publish_timeout` and `poll_interval` must be longer than 0".to_owned()
        } else if self.publish_timeout >= self.lease {
            format!(
                "`publish_timeout` ({:?}) must be shorter than `lease` ({:?}), or the relay could publish after another \
                 process has taken over",
                self.publish_timeout, self.lease
            )
        } else {
            return Ok(());
        };
        Err(DynamoDbRelayError::InvalidOptions { relay: self.name.clone(), reason })
    }
}
