use std::time::Duration;

use castore_core::log::{BlockedBy, CheckpointEvent};
use castore_core::time::Timestamp;

/// The status of a relay in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayStatus {
    /// The role of the relay in this process.
    pub role: RelayRole,
    /// The position up to which every event is published or parked. `None` before the position is known, and if the
    /// relay reads a stream without positions. On standby, this is the last known checkpoint of the leader.
    pub position: Option<u64>,
    /// The last event that was read at or before [`position`](Self::position). The event identifies the log.
    pub event: Option<CheckpointEvent>,
    /// The stored position, from which the next holder of the lease continues. `None` before this position is known. If
    /// the stored position is before [`position`](Self::position), there are no events of this relay between the two.
    pub checkpoint: Option<u64>,
    /// The last position of the log when it was last read. `None` before the first read.
    pub log_end: Option<u64>,
    /// The writers that the log waits for, if any.
    pub blocked_by: Option<BlockedBy>,
    /// Whether the relay is publishing the existing events of the storage, before it reads the stream of new events.
    /// Only relays that read a stream, such as the relay of castore-dynamodb, set this field.
    pub is_backfilling: bool,
    /// The number of events that this process has published.
    pub published: u64,
    /// The timestamp of the first unpublished event of the batch that the relay is publishing. `None` if it is
    /// publishing no batch, or on standby. Events of parked aggregates do not count.
    pub oldest_unpublished: Option<Timestamp>,
    /// The number of parked aggregates. 0 on standby.
    pub parked: usize,
    /// The reason for the current outage: the broker or the storage fails, and the relay publishes nothing until it
    /// retries. `None` if there is no outage.
    pub outage: Option<String>,
    /// The last failure, even if the relay has recovered since.
    pub last_error: Option<String>,
}

/// The role of a relay in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelayRole {
    /// The relay holds the lease and publishes.
    Leader,
    /// The relay does not hold the lease: another process holds it, or this process has not acquired it yet.
    Standby {
        /// The holder of the lease, if it is known.
        owner: Option<String>,
    },
    /// The relay has ended, because it was shut down or aborted, or because it failed (see
    /// [`RelayStatus::last_error`]).
    Stopped,
}

impl RelayStatus {
    pub(crate) fn new() -> Self {
        Self {
            role: RelayRole::Standby { owner: None },
            position: None,
            event: None,
            checkpoint: None,
            log_end: None,
            blocked_by: None,
            is_backfilling: false,
            published: 0,
            oldest_unpublished: None,
            parked: 0,
            outage: None,
            last_error: None,
        }
    }

    /// Returns the number of positions between [`position`](Self::position) and [`log_end`](Self::log_end), or `None`
    /// if one of them is unknown. The number of events to publish may be smaller, because some positions have no event,
    /// and others have events of other stores.
    pub fn lag(&self) -> Option<u64> {
        Some(self.log_end?.saturating_sub(self.position?))
    }

    /// Returns the age of the [oldest unpublished event](Self::oldest_unpublished), or 0 if there is no such event.
    pub fn lag_time(&self) -> Duration {
        self.oldest_unpublished.map(Timestamp::elapsed).unwrap_or_default()
    }
}
