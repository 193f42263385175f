use std::sync::Arc;

use castore_core::log::{CheckpointEvent, LogEntry};

use super::driver::{Driver, Failure, Round};
use super::{Applied, Checkpoint, ReadModelStore, Rejection};
use crate::{OnFailure, ParkedProjectionAggregate, ProjectionState};

/// The reaction to an event that was rejected.
#[derive(Debug, PartialEq, Eq)]
enum Decision {
    Retry,
    Park,
    Stop,
}

/// Decides how to react to a rejected event. `attempts` includes the attempt that just failed.
fn decide(is_permanent: bool, attempts: u32, max_attempts: u32, on_failure: OnFailure) -> Decision {
    if !is_permanent && attempts < max_attempts {
        return Decision::Retry;
    }
    match on_failure {
        OnFailure::ParkAggregate => Decision::Park,
        OnFailure::Stop => Decision::Stop,
    }
}

/// Applying the events of a page: all events in one transaction, or one by one if an event was rejected.
impl<S: ReadModelStore> Driver<S> {
    /// Applies the events of a page. Returns [`Round::CaughtUp`] if all events are applied or parked.
    pub(super) async fn apply_page(&mut self, events: Vec<LogEntry>, rewrites: u64, to: u64) -> Result<Round, Failure> {
        let events: Arc<[LogEntry]> = events.into();
        let whole = match events.last() {
            Some(last) => Checkpoint::new(to, CheckpointEvent::new(last, rewrites)),
            None => to.into(),
        };
        match self.apply(&events, 0..events.len(), whole).await? {
            Applied::Done(_) => return Ok(Round::CaughtUp),
            Applied::Refused { index, refusal } => {
                let position = events.get(index).map_or(0, |event| event.position);
                tracing::debug!(
                    projection = S::NAME,
                    position,
                    error = refusal.text(),
                    "a projection rejected an event"
                );
            }
            other => return self.elsewhere(other),
        }
        for (index, event) in events.iter().enumerate() {
            let to = if index + 1 == events.len() { to } else { event.position };
            let to = Checkpoint::new(to, CheckpointEvent::new(event, rewrites));
            match self.apply_single(&events, index, event, to).await? {
                Round::CaughtUp => {
                    self.scanned_to = event.position;
                    self.report_position();
                }
                other => return Ok(other),
            }
            if self.shutdown.is_sent() {
                return Ok(Round::Stop);
            }
            tokio::task::coop::consume_budget().await;
        }
        Ok(Round::CaughtUp)
    }

    /// Applies one event. Returns [`Round::CaughtUp`] if the event is applied or parked.
    async fn apply_single(
        &mut self,
        events: &Arc<[LogEntry]>,
        index: usize,
        event: &LogEntry,
        to: Checkpoint,
    ) -> Result<Round, Failure> {
        let mut attempts = 0;
        loop {
            let refusal = match self.apply(events, index..index + 1, to.clone()).await? {
                Applied::Done(_) => return Ok(Round::CaughtUp),
                Applied::Refused { refusal, .. } => refusal,
                other => return self.elsewhere(other),
            };
            attempts += 1;
            match decide(refusal.is_permanent(), attempts, self.options.attempts, self.options.on_failure) {
                Decision::Retry => {
                    self.report(ProjectionState::Retrying { error: refusal.text() });
                    if !self.back_off(attempts).await.map_err(Failure::Final)? {
                        return Ok(Round::Stop);
                    }
                    // The retries of an event may take hours. A rebuild that another process requests must not wait for
                    // them.
                    if self.follow_registry().await? {
                        return Ok(Round::More);
                    }
                }
                Decision::Park => return self.park(event, to, attempts, &refusal).await,
                Decision::Stop => return Err(Failure::Final(refusal.into_error(S::NAME, event))),
            }
        }
    }

    async fn park(
        &mut self,
        event: &LogEntry,
        to: Checkpoint,
        attempts: u32,
        refusal: &Rejection,
    ) -> Result<Round, Failure> {
        let aggregate = ParkedProjectionAggregate::first_refused(event, attempts, refusal.text());
        tracing::warn!(
            projection = S::NAME,
            event_store = aggregate.event_store_id,
            aggregate_id = aggregate.aggregate_id,
            version = aggregate.version,
            error = aggregate.error,
            "a projection parked an aggregate"
        );
        let parked = self.store.park(aggregate, self.checkpoint, to).await?;
        match self.note(parked) {
            Applied::Done(_) => Ok(Round::CaughtUp),
            other => self.elsewhere(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_retried_while_attempts_are_left_and_the_failure_may_pass() {
        for on_failure in [OnFailure::Stop, OnFailure::ParkAggregate] {
            assert_eq!(decide(false, 1, 2, on_failure), Decision::Retry);
        }
    }

    #[test]
    fn the_policy_decides_after_the_last_attempt_and_after_a_permanent_failure() {
        for (is_permanent, attempts) in [(false, 2), (true, 1), (false, 3)] {
            assert_eq!(decide(is_permanent, attempts, 2, OnFailure::Stop), Decision::Stop);
            assert_eq!(decide(is_permanent, attempts, 2, OnFailure::ParkAggregate), Decision::Park);
        }
        // A maximum of 0 attempts has the same effect as 1, because the event was already tried once.
        assert_eq!(decide(false, 1, 0, OnFailure::Stop), Decision::Stop);
    }
}
