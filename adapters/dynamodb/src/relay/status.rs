use castore_relay::RelayRole;

/// The status of a relay in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DynamoDbRelayStatus {
    /// Whether the relay holds the lease.
    pub role: RelayRole,
    /// Whether the relay is publishing the events of the table itself, before those of the stream.
    pub is_backfilling: bool,
    /// The number of events that this process has published.
    pub published: u64,
    /// The number of parked aggregates.
    pub parked: usize,
    /// The reason why nothing is published at the moment: the broker or the storage fails, and the relay backs off.
    pub outage: Option<String>,
    /// The last failure, even if the relay has recovered since.
    pub last_error: Option<String>,
}

impl DynamoDbRelayStatus {
    pub(super) fn new() -> Self {
        Self {
            role: RelayRole::Standby { owner: None },
            is_backfilling: false,
            published: 0,
            parked: 0,
            outage: None,
            last_error: None,
        }
    }
}
