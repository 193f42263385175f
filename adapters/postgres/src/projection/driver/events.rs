use castore_runtime::log::LogEntry;
use castore_runtime::projection::{OnFailure, ProjectionError, ProjectionState};

use super::{Driver, Failure, Round};
use crate::errors::PostgresError;
use crate::projection::apply::{Applied, Refusal};
use crate::projection::{ParkedAggregate, PgProjection};

/// What becomes of the events of a page.
impl<P: PgProjection> Driver<P> {
    /// All in one transaction; if an event is refused, one by one. `CaughtUp` if all are applied or parked.
    pub(super) async fn apply_all(&mut self, events: &[LogEntry], to: u64) -> Result<Round, Failure> {
        match self.apply(events, to).await? {
            Applied::Done(_) => return Ok(Round::CaughtUp),
            Applied::Refused { index, refusal } => {
                let position = events.get(index).map_or(0, |entry| entry.position);
                tracing::debug!(projection = P::NAME, position, error = refusal.text(), "an event was refused");
            }
            other => return self.elsewhere(other),
        }
        for (index, entry) in events.iter().enumerate() {
            let to = if index + 1 == events.len() { to } else { entry.position };
            match self.apply_single(entry, to).await? {
                Round::CaughtUp => {
                    self.scanned_to = entry.position;
                    self.tell_position();
                }
                other => return Ok(other),
            }
            if self.is_stopping() {
                return Ok(Round::Stop);
            }
        }
        Ok(Round::CaughtUp)
    }

    /// `CaughtUp` if the event is applied, or parked.
    async fn apply_single(&mut self, entry: &LogEntry, to: u64) -> Result<Round, Failure> {
        let mut attempts = 0;
        loop {
            let refusal = match self.apply(std::slice::from_ref(entry), to).await? {
                Applied::Done(_) => return Ok(Round::CaughtUp),
                Applied::Refused { refusal, .. } => refusal,
                other => return self.elsewhere(other),
            };
            attempts += 1;
            if !refusal.is_permanent() && attempts < self.options.attempts {
                self.tell(ProjectionState::Retrying { error: refusal.text() });
                if !self.back_off(attempts).await {
                    return Ok(Round::Stop);
                }
                continue;
            }
            return match self.options.on_failure {
                OnFailure::ParkAggregate => self.park(entry, to, attempts, &refusal).await,
                // To stop is what does no harm, whatever other policies there may be.
                _ => Err(Failure::Final(refusal_error::<P>(entry, refusal))),
            };
        }
    }

    async fn park(&mut self, entry: &LogEntry, to: u64, attempts: u32, refusal: &Refusal) -> Result<Round, Failure> {
        let aggregate = ParkedAggregate {
            event_store_id: entry.event_store_id.to_string(),
            aggregate_id: entry.event.aggregate_id.clone(),
            next_position: entry.position,
            version: entry.event.version,
            attempts,
            error: refusal.text(),
        };
        tracing::warn!(
            projection = P::NAME,
            event_store = aggregate.event_store_id,
            aggregate = aggregate.aggregate_id,
            version = aggregate.version,
            error = aggregate.error,
            "a projection parked an aggregate"
        );
        let applied = self.site.park(&aggregate, self.checkpoint, to).await?;
        match self.note(applied) {
            Applied::Done(_) => Ok(Round::CaughtUp),
            other => self.elsewhere(other),
        }
    }

    pub(super) async fn apply(&mut self, events: &[LogEntry], to: u64) -> Result<Applied, Failure> {
        let applied = self.site.apply(events, self.checkpoint, to).await?;
        Ok(self.note(applied))
    }
}

/// Why an event was not applied, in full.
pub(in crate::projection) fn refusal_error<P: PgProjection>(entry: &LogEntry, refusal: Refusal) -> ProjectionError {
    let projection = P::NAME.to_owned();
    match refusal {
        Refusal::Decode(source) => ProjectionError::Decode { projection, source },
        Refusal::Handler(error) => ProjectionError::Handler {
            projection,
            event_store_id: entry.event_store_id.to_string(),
            aggregate_id: entry.event.aggregate_id.clone(),
            version: entry.event.version,
            position: entry.position,
            // The driver's own error says nothing of itself, and too much in its sources.
            source: error
                .into_source()
                .downcast::<tokio_postgres::Error>()
                .map_or_else(|other| other, |driver| PostgresError::from(*driver).into()),
        },
    }
}
