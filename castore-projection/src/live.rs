use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use castore_core::log::EventLog;
use castore_core::storage::StorageError;

use crate::engine::{ReadModelRegistry, ReadModelVersion, is_same_log};
use crate::{ProjectionStatus, WaitForError};

/// The shortest and the longest pause between two reads of the registry.
const PAUSE: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(50));

/// A handle for the version of a read model that readers use. The handle does not depend on the number of that version,
/// or on the process that runs the projection.
///
/// While a new version is built, readers use the old version, and after the switch they use the new version. With this
/// handle, a program that is deployed with a new version can wait for its own writes before and after the switch. Until
/// the switch, this process or another process must run the projection of the old version.
///
/// Clones are cheap. Dropping a handle does not stop any projection.
#[derive(Clone)]
pub struct LiveReadModel {
    name: Arc<str>,
    registry: Arc<dyn ReadModelRegistry>,
    log: Arc<dyn EventLog>,
}

impl LiveReadModel {
    pub(crate) fn new(name: String, registry: impl ReadModelRegistry, log: impl EventLog) -> Self {
        Self { name: name.into(), registry: Arc::new(registry), log: Arc::new(log) }
    }

    /// Returns the status of the version that readers use, with its stored checkpoint. Returns `None` if the read model
    /// does not exist. The state in the status is always [`NotRunning`](crate::ProjectionState::NotRunning), even if a
    /// process runs the projection.
    ///
    /// # Errors
    /// [`StorageError`] if the registry or the end of the log cannot be read.
    pub async fn status(&self) -> Result<Option<ProjectionStatus>, StorageError> {
        let end = self.log.end().await?;
        Ok(self.version().await?.map(|version| version.into_status(&end)))
    }

    /// Waits, for at most `limit`, until every event up to a position of the log is in the version that readers use. If
    /// the caller passes the position of an event that it has pushed, it can then read its own write.
    ///
    /// The method polls the stored checkpoint, with pauses of at most 50 milliseconds. In the process that runs the
    /// projection, [`RunningProjection::wait_for`](crate::RunningProjection::wait_for) is faster.
    ///
    /// # Errors
    /// [`WaitForError::TimedOut`] if the read model does not reach the position within `limit`.
    /// [`WaitForError::LogReplaced`] if the log was restored or replaced after the position was reached.
    /// [`WaitForError::Storage`] if the registry or the log cannot be read. [`WaitForError::Stopped`] does not occur,
    /// because this process does not know whether the projection runs.
    pub async fn wait_for(&self, position: u64, limit: Duration) -> Result<(), WaitForError> {
        let start = Instant::now();
        let mut pause = PAUSE.0;
        loop {
            let version = self.version().await?;
            let at = version.as_ref().map_or(0, |version| version.position);
            if let Some(version) = version.filter(|version| version.position >= position) {
                return self.check_log(&version, position).await;
            }
            let waited = start.elapsed();
            if waited >= limit {
                let blocked_by = self.log.end().await?.blocked_by;
                return Err(WaitForError::TimedOut {
                    projection: self.name.to_string(),
                    wanted: position,
                    at,
                    waited,
                    blocked_by,
                });
            }
            tokio::time::sleep(pause.min(limit.saturating_sub(waited))).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    /// Checks that the version was built from this log. If the log was replaced, another event may be at the caller's
    /// position.
    async fn check_log(&self, version: &ReadModelVersion, wanted: u64) -> Result<(), WaitForError> {
        let is_same = self.log.log_id().await? == version.log_id
            && is_same_log(&*self.log, version.position, version.event.as_ref()).await?;
        if is_same { Ok(()) } else { Err(WaitForError::LogReplaced { projection: self.name.to_string(), wanted }) }
    }

    async fn version(&self) -> Result<Option<ReadModelVersion>, StorageError> {
        let versions = self.registry.versions().await?;
        Ok(versions.into_iter().find(|version| version.live && version.name == *self.name))
    }
}

impl fmt::Debug for LiveReadModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LiveReadModel").field("name", &self.name).finish_non_exhaustive()
    }
}
