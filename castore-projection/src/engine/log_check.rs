use castore_core::log::CheckpointEvent;
use castore_core::storage::StorageError;

use super::driver::{Driver, Failure};
use super::{Applied, Checkpoint, ReadModelStore};
use crate::ProjectionError;

/// The check that the checkpoint still belongs to the log.
impl<S: ReadModelStore> Driver<S> {
    /// Checks the identity of the log, and that the log still has the event of the checkpoint. If the checkpoint has no
    /// event, checks that the log does not end before the checkpoint. The engine calls this method for each page before
    /// it applies the events. Therefore, if the log is restored or replaced while the projection runs, no event of the
    /// new log is applied.
    pub(super) async fn check_log(&mut self) -> Result<(), Failure> {
        let found = self.log.log_id().await?;
        if found != self.log_id {
            let (projection, expected) = (S::NAME.to_owned(), self.log_id.clone());
            return Err(Failure::Final(ProjectionError::OtherLog { projection, expected, found }));
        }
        match &self.event {
            Some(event) if !event.is_in(&*self.log).await? => return Err(Failure::Final(log_replaced::<S>(event))),
            Some(_) => return Ok(()),
            None if self.checkpoint == 0 => return Ok(()),
            None => {}
        }
        let end = self.log.end().await?.last_position;
        if end < self.checkpoint {
            let (projection, position) = (S::NAME.to_owned(), self.checkpoint);
            return Err(Failure::Final(ProjectionError::LogTakenBack { projection, position, end }));
        }
        self.upgrade_checkpoint().await
    }

    /// Adds the event to a checkpoint that was stored without an event. Such a checkpoint cannot be compared with the
    /// log, so it is accepted once.
    async fn upgrade_checkpoint(&mut self) -> Result<(), Failure> {
        let Some(event) = CheckpointEvent::read(&*self.log, self.checkpoint).await? else { return Ok(()) };
        let to = Checkpoint::new(self.checkpoint, event);
        match self.apply(&[].into(), 0..0, to).await? {
            Applied::Done(_) | Applied::Moved(_) => Ok(()),
            // The next page reports that the version was dropped.
            other => self.elsewhere(other).map(drop),
        }
    }
}

/// Creates the error for a log that no longer contains an event that was read.
pub(super) fn log_replaced<S: ReadModelStore>(event: &CheckpointEvent) -> ProjectionError {
    ProjectionError::LogReplaced {
        projection: S::NAME.to_owned(),
        position: event.position,
        event_store_id: event.event_store_id.clone(),
        aggregate_id: event.aggregate_id.clone(),
        version: event.version,
    }
}

/// Returns whether the log still contains `event`, the last event that was read at or before `position`. Without an
/// event, returns whether the log reaches the position.
pub(crate) async fn is_same_log(
    log: &dyn castore_core::log::EventLog,
    position: u64,
    event: Option<&CheckpointEvent>,
) -> Result<bool, StorageError> {
    match event {
        Some(event) => event.is_in(log).await,
        None => Ok(log.end().await?.last_position >= position),
    }
}
