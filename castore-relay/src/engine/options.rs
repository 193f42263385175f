use std::time::Duration;

/// The longest duration of an option. Deadlines that are much later overflow the clock.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);

/// The options that all relays have.
#[derive(Debug, Clone)]
pub struct RelayOptions {
    /// The name of the relay.
    pub name: String,
    /// The name of this process, as the owner of the lease.
    pub owner: String,
    /// The maximum number of events between two checkpoints.
    pub batch_size: usize,
    /// How long the lease lasts without a heartbeat.
    pub lease: Duration,
    /// The longest time of a call of the channel's adapter, and of a load of an aggregate.
    pub publish_timeout: Duration,
    /// How often the relay checks for new events.
    pub poll_interval: Duration,
    /// The first and the longest delay during an outage.
    pub outage_backoff: (Duration, Duration),
    /// The first and the longest delay between the attempts to publish a parked aggregate.
    pub parked_backoff: (Duration, Duration),
    /// The number of aggregates of each store that are cached, for messages that carry the aggregate.
    pub cached_aggregates: usize,
}

impl RelayOptions {
    /// Creates the default options.
    pub fn new(name: &str) -> Self {
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

    /// Checks the options.
    ///
    /// # Errors
    /// The name of an option, and the rule that it breaks.
    pub fn validate(&self) -> Result<(), String> {
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
        Err(reason)
    }
}
