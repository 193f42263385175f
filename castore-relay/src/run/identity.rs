//! The check that a position still belongs to the log.

use castore_core::log::{CheckpointEvent, EventLog, LogId};

use crate::RelayError;

/// A position of a log, with the identity of the log.
pub(crate) struct LogPosition<'a> {
    pub(crate) log_id: &'a LogId,
    pub(crate) position: u64,
    /// The last event that was read at or before the position.
    pub(crate) event: Option<&'a CheckpointEvent>,
}

impl LogPosition<'_> {
    /// Checks that the log has the same identity and still contains the event. If there is no event, checks that the
    /// log does not end before the position.
    ///
    /// # Errors
    /// [`RelayError::OtherLog`], [`RelayError::LogReplaced`], [`RelayError::LogTakenBack`], or [`RelayError::Storage`]
    /// if the log could not be read.
    pub(crate) async fn check(&self, relay: &str, log: &dyn EventLog) -> Result<(), RelayError> {
        let found = log.log_id().await.map_err(RelayError::storage(relay))?;
        if found != *self.log_id {
            let checkpoint = self.log_id.clone();
            return Err(RelayError::OtherLog { relay: relay.to_owned(), checkpoint, log: found });
        }
        match self.event {
            Some(event) if !event.is_in(log).await.map_err(RelayError::storage(relay))? => {
                Err(RelayError::LogReplaced {
                    relay: relay.to_owned(),
                    position: event.position,
                    event_store_id: event.event_store_id.clone(),
                    aggregate_id: event.aggregate_id.clone(),
                    version: event.version,
                })
            }
            Some(_) => Ok(()),
            None if self.position == 0 => Ok(()),
            None => {
                let last = log.end().await.map_err(RelayError::storage(relay))?.last_position;
                if last < self.position {
                    let position = self.position;
                    return Err(RelayError::LogTakenBack { relay: relay.to_owned(), position, last });
                }
                Ok(())
            }
        }
    }
}
