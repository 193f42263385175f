use castore_runtime::log::BlockedBy;

/// What a relay is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayStatus {
    /// Whether it publishes, or waits.
    pub role: RelayRole,
    /// Everything up to this position is published or parked. `None` before it is known. Of a relay that is on
    /// standby: the last checkpoint that it has seen.
    pub position: Option<u64>,
    /// The position that is kept: what another relay would go on from. It may be behind
    /// [`position`](Self::position) by events that do not concern this relay.
    pub checkpoint: Option<u64>,
    /// The last position of the log, when it was asked last.
    pub log_end: Option<u64>,
    /// What keeps the log from going further.
    pub blocked_by: Option<BlockedBy>,
    /// How many aggregates are parked. 0 on standby.
    pub parked: usize,
    /// Why nothing is published at the moment: the broker or the storage fails, and the relay backs off.
    pub outage: Option<String>,
    /// What failed last, also if it has healed since.
    pub last_error: Option<String>,
}

/// Whether a relay publishes, or waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelayRole {
    /// It holds the lease, and publishes.
    Leader,
    /// Another holds the lease, or it could not be asked for.
    Standby {
        /// Who holds it, if that is known.
        owner: Option<String>,
    },
    /// It has ended: it was shut down or aborted, or [`last_error`](RelayStatus::last_error) says why.
    Stopped,
}

impl RelayStatus {
    pub(crate) fn new() -> Self {
        Self {
            role: RelayRole::Standby { owner: None },
            position: None,
            checkpoint: None,
            log_end: None,
            blocked_by: None,
            parked: 0,
            outage: None,
            last_error: None,
        }
    }

    /// How many positions the relay is behind the end of the log, when that was asked last. Positions have gaps, and
    /// some belong to events that do not concern the relay: at least as many as there are events to publish.
    pub fn lag(&self) -> Option<u64> {
        Some(self.log_end?.saturating_sub(self.position?))
    }
}
