/// How a relay is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DynamoDbRelayStatus {
    /// Whether it publishes.
    pub role: DynamoDbRelayRole,
    /// Whether it publishes from the table itself, before it comes to the stream.
    pub is_backfilling: bool,
    /// How many events this process has published.
    pub published: u64,
    /// How many aggregates are parked.
    pub parked: usize,
    /// Why nothing can be published for now, if so.
    pub outage: Option<String>,
    /// What failed last, whether it still does or not.
    pub last_error: Option<String>,
}

/// What a relay does in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DynamoDbRelayRole {
    /// It holds the lease, and publishes.
    Leader,
    /// It waits for the lease.
    Standby {
        /// Who holds it, if that is known.
        owner: Option<String>,
    },
    /// It has ended.
    Stopped,
}

impl DynamoDbRelayStatus {
    pub(super) fn new() -> Self {
        Self {
            role: DynamoDbRelayRole::Standby { owner: None },
            is_backfilling: false,
            published: 0,
            parked: 0,
            outage: None,
            last_error: None,
        }
    }
}
