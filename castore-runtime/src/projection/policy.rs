use std::time::Duration;

/// What becomes of an event that the handler of a projection refuses for good, after its retries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// The projection stops before the event, and says so: nothing is wrong in the read model, but nothing new comes.
    #[default]
    Stop,
    /// The aggregate of the event is parked: its events are not applied any more until somebody retries, those of all
    /// others are.
    ParkAggregate,
}

/// How a projection runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionOptions {
    /// How many events one transaction applies at most: 500.
    pub batch: usize,
    /// How long to wait for a wake-up before looking again: 1 s.
    pub poll_interval: Duration,
    /// How often an event is tried before it counts as refused: 5 times.
    pub attempts: u32,
    /// How long to wait before the second attempt, and before trying again after the database failed: 100 ms. Twice as
    /// long after each failure, up to 30 s.
    pub retry_delay: Duration,
    /// What then.
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
