//! The measurements and the health of a relay, derived from its status.

use castore_core::log::LogEnd;
use castore_core::metrics::{Measurement, instruments};
use castore_core::service::PartHealth;

use crate::{RelayRole, RelayStatus};

/// Returns the measurement of the log that the relay with this name reads.
pub(crate) fn log_measurement(end: &LogEnd, relay: &str) -> Measurement {
    Measurement::gauge(&instruments::LOG_BLOCKED_TIME, end.blocked_time().as_secs_f64())
        .with(instruments::RELAY_NAME, relay)
}

impl RelayStatus {
    /// Returns the status as measurements of the relay with this name. This method is for implementations of
    /// [`ServicePart::measure`](castore_core::service::ServicePart::measure). On standby, the reported lag is 0,
    /// because the leader reports the lag.
    pub fn measurements(&self, relay: &str) -> Vec<Measurement> {
        let mut measurements = vec![
            Measurement::total(&instruments::RELAY_PUBLISHED, self.published),
            Measurement::gauge(&instruments::RELAY_LAG_TIME, self.lag_time().as_secs_f64()),
            Measurement::amount(&instruments::RELAY_PARKED, self.parked as u64),
            Measurement::flag(&instruments::RELAY_LEADER, self.role == RelayRole::Leader),
            Measurement::flag(&instruments::RELAY_OUTAGE, self.outage.is_some()),
        ];
        let lag = match self.role {
            RelayRole::Standby { .. } => Some(0),
            RelayRole::Leader | RelayRole::Stopped => self.lag(),
        };
        measurements.extend(lag.map(|lag| Measurement::amount(&instruments::RELAY_LAG, lag)));
        measurements.into_iter().map(|measurement| measurement.with(instruments::RELAY_NAME, relay)).collect()
    }

    /// Returns the health of a relay whose task has the health `running`. A running relay is ready if this process or
    /// another one holds the lease. The detail shows an outage, which does not affect the readiness because the events
    /// wait in the log.
    pub fn health(&self, running: PartHealth) -> PartHealth {
        match &self.role {
            _ if !running.live => running,
            RelayRole::Standby { owner: None } => {
                PartHealth::not_ready(running.name, "no process is known to hold the lease")
            }
            RelayRole::Leader | RelayRole::Standby { owner: Some(_) } | RelayRole::Stopped => match &self.outage {
                Some(outage) => running.detail(outage),
                None => running,
            },
        }
    }
}
