use std::time::Duration;

use castore_core::error::InvalidOptionError;

/// The longest duration that an option may have. A much longer duration would overflow the clock.
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
    /// The duration of the lease without a heartbeat.
    pub lease: Duration,
    /// The time limit for a call of the channel's adapter, and for loading an aggregate.
    pub publish_timeout: Duration,
    /// The interval at which the relay checks for new events.
    pub poll_interval: Duration,
    /// The first and the longest delay during an outage.
    pub outage_backoff: (Duration, Duration),
    /// The first and the longest delay between the attempts to publish a parked aggregate.
    pub parked_backoff: (Duration, Duration),
    /// The maximum number of cached aggregates per store, for messages that carry the aggregate.
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
    /// The error for the first invalid option.
    pub fn validate(&self) -> Result<(), InvalidOptionError> {
        let check = |is_valid, option, rule: &'static str| InvalidOptionError::check(is_valid, option, rule);
        let fits = |duration: Duration| !duration.is_zero() && duration <= LONGEST;
        check(!self.name.is_empty(), "name", "must not be empty")?;
        check(self.batch_size > 0, "batch_size", "must be at least 1")?;
        check(fits(self.lease), "lease", "must be longer than 0 and at most 365 days")?;
        check(fits(self.poll_interval), "poll_interval", "must be longer than 0 and at most 365 days")?;
        check(!self.publish_timeout.is_zero(), "publish_timeout", "must be longer than 0")?;
        if self.publish_timeout >= self.lease {
            let rule = format!(
                "{:?} must be shorter than `lease` ({:?}); otherwise the relay could publish after another process has taken over",
                self.publish_timeout, self.lease
            );
            return Err(InvalidOptionError::new("publish_timeout", rule));
        }
        for (option, (base, max)) in [("outage_backoff", self.outage_backoff), ("parked_backoff", self.parked_backoff)]
        {
            let rule = "the first delay must be longer than 0, the longest at least as long, and both at most 365 days";
            check(!base.is_zero() && base <= max && max <= LONGEST, option, rule)?;
        }
        Ok(())
    }
}
