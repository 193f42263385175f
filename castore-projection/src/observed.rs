//! The measurements and the health of a projection, derived from its status.

use castore_core::log::LogEnd;
use castore_core::metrics::{Measurement, instruments};
use castore_core::service::{PartHealth, Readiness};

use crate::{ProjectionState, ProjectionStatus};

impl ProjectionStatus {
    /// Returns the status as measurements of a running projection. `end` is `None` if the end of the log could not be
    /// read.
    pub(crate) fn measurements(&self, end: Option<&LogEnd>) -> Vec<Measurement> {
        let is_retrying = matches!(self.state, ProjectionState::Retrying { .. });
        let version = self.version.to_string();
        [
            Measurement::total(&instruments::PROJECTION_APPLIED, self.applied),
            Measurement::gauge(&instruments::PROJECTION_LAG_TIME, self.lag_time().as_secs_f64()),
            Measurement::amount(&instruments::PROJECTION_PARKED, self.parked),
            Measurement::flag(&instruments::PROJECTION_LIVE, self.live),
            Measurement::flag(&instruments::PROJECTION_RETRYING, is_retrying),
        ]
        .into_iter()
        .chain(end.map(|_| Measurement::amount(&instruments::PROJECTION_LAG, self.lag)))
        .chain(end.map(|end| Measurement::gauge(&instruments::LOG_BLOCKED_TIME, end.blocked_time().as_secs_f64())))
        .map(|measurement| {
            let measurement = measurement.with(instruments::PROJECTION_NAME, &self.name);
            measurement.with(instruments::PROJECTION_VERSION, &version)
        })
        .collect()
    }

    /// Returns the health of a projection whose task has the health `running`. The detail shows a failure that the
    /// projection retries. Such a failure affects the readiness only when the lag becomes too large.
    pub(crate) fn health(&self, running: PartHealth, readiness: &Readiness) -> PartHealth {
        let lag_time = self.lag_time();
        if self.lag > readiness.max_lag {
            let reason = format!("{} positions behind the end of the log", self.lag);
            return PartHealth::not_ready(running.name, reason);
        }
        if readiness.max_lag_time.is_some_and(|longest| lag_time > longest) {
            return PartHealth::not_ready(running.name, format!("{} seconds behind", lag_time.as_secs()));
        }
        match &self.state {
            ProjectionState::Retrying { error } => running.detail(error),
            _ => running,
        }
    }
}
