use std::time::Duration;

use castore_core::error::InvalidOptionError;

/// The reaction of a projection to an event that failed permanently or in every attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// Stops the projection before the event and reports the error. The read model stays correct and no longer changes.
    #[default]
    Stop,
    /// Parks the aggregate of the event. The projection skips the events of this aggregate until
    /// [`retry_parked`](crate::RunningProjection::retry_parked) succeeds, and applies the events of all other
    /// aggregates.
    ParkAggregate,
}

/// Options for running a projection.
///
/// ```
/// # use std::time::Duration;
/// # use castore_projection::{OnFailure, ProjectionOptions};
/// let options = ProjectionOptions::default().attempts(3).on_failure(OnFailure::ParkAggregate);
/// assert_eq!(options.batch_size, 500);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProjectionOptions {
    /// The maximum number of events that one transaction applies. Defaults to 500.
    pub batch_size: usize,
    /// The maximum time for which the projection waits for a wake-up of the log before it reads the log again. Defaults
    /// to 1 second.
    pub poll_interval: Duration,
    /// The maximum number of attempts to apply an event. After the last attempt, [`on_failure`](Self::on_failure)
    /// determines whether the projection stops or parks the aggregate. Defaults to 5.
    pub attempts: u32,
    /// The first and the longest delay before the projection retries an event or, after a failure of the log or the
    /// database, a page. The delay doubles after each failure. Defaults to 100 milliseconds and 30 seconds.
    pub backoff: (Duration, Duration),
    /// The reaction to an event that failed permanently or in every attempt. Defaults to [`OnFailure::Stop`].
    pub on_failure: OnFailure,
}

impl Default for ProjectionOptions {
    fn default() -> Self {
        Self {
            batch_size: 500,
            poll_interval: Duration::from_secs(1),
            attempts: 5,
            backoff: (Duration::from_millis(100), Duration::from_secs(30)),
            on_failure: OnFailure::default(),
        }
    }
}

impl ProjectionOptions {
    /// Sets the maximum number of events that one transaction applies. The number must be at least 1.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// Sets the maximum time for which the projection waits for a wake-up of the log before it reads the log again. The
    /// time must be longer than 0 and at most 365 days.
    #[must_use]
    pub fn poll_interval(mut self, poll_interval: Duration) -> Self {
        self.poll_interval = poll_interval;
        self
    }

    /// Sets the maximum number of attempts to apply an event. The number must be at least 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the first and the longest delay before another attempt. `base` must be longer than 0 and at most `max`.
    /// `max` must be at most 365 days.
    #[must_use]
    pub fn backoff(mut self, base: Duration, max: Duration) -> Self {
        self.backoff = (base, max);
        self
    }

    /// Sets the reaction to an event that failed permanently or in every attempt.
    #[must_use]
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// Checks the options. This method is for authors of read-model stores: projections check their options when they
    /// start.
    ///
    /// # Errors
    /// The error for the first invalid option.
    pub fn validate(&self) -> Result<(), InvalidOptionError> {
        let (base, max) = self.backoff;
        InvalidOptionError::check(self.batch_size > 0, "batch_size", "must be at least 1")?;
        InvalidOptionError::check(self.attempts > 0, "attempts", "must be at least 1")?;
        InvalidOptionError::check(
            !self.poll_interval.is_zero() && self.poll_interval <= LONGEST,
            "poll_interval",
            "must be longer than 0 and at most 365 days",
        )?;
        InvalidOptionError::check(
            !base.is_zero() && base <= max && max <= LONGEST,
            "backoff",
            "the first delay must be longer than 0, the longest at least as long, and both at most 365 days",
        )
    }
}

/// The longest duration that an option may have. A much longer duration would overflow the clock.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);
