use std::time::Duration;

/// What a projection does with an event that failed in every attempt, or permanently.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// Stops the projection before the event and reports the error: the read model stays correct and no longer changes.
    #[default]
    Stop,
    /// Parks the aggregate of the event: its events are skipped until [`retry_parked`](crate::RunningProjection::retry_parked)
    /// succeeds, and the events of all other aggregates are applied.
    ParkAggregate,
}

/// Options for running a projection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionOptions {
    /// The largest number of events that one transaction applies. Defaults to 500.
    pub batch: usize,
    /// How long to wait for a wake-up of the log before reading it again. Defaults to 1 second.
    pub poll_interval: Duration,
    /// How often an event is tried before [`on_failure`](Self::on_failure) decides. Defaults to 5; 0 counts as 1.
    pub attempts: u32,
    /// How long to wait before the second attempt at an event, and after a failure of the database. Defaults to 100 ms;
    /// doubles after each further failure, up to 30 seconds.
    pub retry_delay: Duration,
    /// What happens after the last attempt. Defaults to [`OnFailure::Stop`].
    pub on_failure: OnFailure,
}

impl Default for ProjectionOptions {
    fn default() -> Self {
        Self {
            batch: 500,
            poll_interval: Duration::from_secs(1),
            attempts: 5,
            retry_delay: Duration::from_millis(100),
            on_failure: OnFailure::default(),
        }
    }
}
