use std::time::Duration;

use castore_core::log::LogId;
use tokio::time::Instant;

use super::driver::{Driver, Failure};
use super::retry::{RetryError, retry_parked};
use super::{DatabaseError, ReadModelStore, ReadModelVersion, StoreError};
use crate::{ProjectionError, ProjectionRequest, ProjectionState};

/// The minimum time between two reads of the registry entry. A projection with a short poll interval must not read the
/// entry at each poll.
const REGISTRY_INTERVAL: Duration = Duration::from_secs(1);

/// The reactions to changes that other processes make in the registry: requests, and a checkpoint that was moved back.
impl<S: ReadModelStore> Driver<S> {
    /// Reads the registry entry if the time for the next read has come, and carries out the requests. Returns whether
    /// the checkpoint has moved back. In this case, the events that were read before must not be applied.
    pub(super) async fn follow_registry(&mut self) -> Result<bool, Failure> {
        if Instant::now() < self.registry_due {
            return Ok(false);
        }
        self.registry_due = Instant::now() + self.options.poll_interval.max(REGISTRY_INTERVAL);
        let mut version = self.entry().await?;
        if version.requests > 0 {
            version = self.carry_out().await?;
        }
        if version.log_id != self.log_id {
            // A process with another log has rebuilt the version.
            let (projection, expected, found) = (S::NAME.to_owned(), version.log_id, self.log_id.clone());
            return Err(Failure::Final(ProjectionError::OtherLog { projection, expected, found }));
        }
        let has_moved_back = version.position < self.checkpoint;
        if has_moved_back {
            self.checkpoint = version.position;
            self.scanned_to = version.position;
            self.report(ProjectionState::Rebuilding);
        }
        self.note_version(&version);
        Ok(has_moved_back)
    }

    async fn entry(&self) -> Result<ReadModelVersion, Failure> {
        self.store.version().await?.ok_or_else(|| Failure::Fatal(dropped::<S>()))
    }

    /// Carries out the requests, and returns the resulting registry entry.
    async fn carry_out(&mut self) -> Result<ReadModelVersion, Failure> {
        let requests = self.store.requests().await?;
        if let Some(version) = rebuild(&self.store, &requests, &self.log_id).await? {
            return Ok(version);
        }
        for request in requests {
            if self.shutdown.is_sent() {
                break;
            }
            if let ProjectionRequest::RetryParked { event_store_id, aggregate_id } = &request {
                match retry_parked(&*self.log, &self.store, &self.filter, event_store_id, aggregate_id).await {
                    // The log or the database has failed. The request stays stored, for another attempt.
                    Err(RetryError::Failed(ProjectionError::Storage { source, .. })) => return Err(source.into()),
                    Err(RetryError::Fatal(source)) => return Err(Failure::Fatal(source)),
                    // If an event was rejected again, its error is stored with the parked aggregate.
                    Ok(_) | Err(RetryError::Failed(_)) => {}
                }
            }
            self.store.close_request(request).await?;
        }
        self.entry().await
    }
}

/// Rebuilds the version if the requests contain a rebuild. Returns the registry entry if this process or another
/// process has carried out the rebuild, and `None` if no rebuild was requested.
pub(super) async fn rebuild<S: ReadModelStore>(
    store: &S,
    requests: &[ProjectionRequest],
    log_id: &LogId,
) -> Result<Option<ReadModelVersion>, StoreError> {
    if !requests.contains(&ProjectionRequest::Rebuild) {
        return Ok(None);
    }
    let version = store.rebuild(log_id).await?.ok_or_else(|| StoreError::Fatal(dropped::<S>()))?;
    tracing::info!(projection = S::NAME, version = S::VERSION, "a read model was emptied and is built again");
    Ok(Some(version))
}

/// Creates the error of a projection whose version was dropped.
pub(super) fn dropped<S: ReadModelStore>() -> DatabaseError {
    format!("version {} of the read model was dropped", S::VERSION).into()
}
