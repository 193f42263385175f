use std::sync::Arc;

use castore_core::log::{EventLog, LogFilter, LogId};
use castore_core::storage::StorageError;
use castore_core::task::{BackgroundTask, Signal};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::driver::{Driver, Progress};
use super::log_check::log_replaced;
use super::requests::{dropped, rebuild};
use super::{ReadModelStore, ReadModelVersion, StoreError};
use crate::{ProjectionError, ProjectionOptions, ProjectionState, RunningProjection};

/// The maximum number of commands that wait for the projection.
const COMMANDS: usize = 16;

/// Starts a projection on the current tokio runtime, from the checkpoint of its version. The projection runs until it
/// fails, it is shut down, or its last handle is dropped.
///
/// `version` is the registry entry of the version, and `log_id` is the identity of the log. `same_database` must be
/// true only if the log is in the database of the read model, so that both are lost or restored together.
///
/// # Errors
/// [`ProjectionError::InvalidOption`] if an option is invalid. [`ProjectionError::Setup`] if a requested rebuild fails
/// or the version was dropped. [`ProjectionError::OtherLog`] if the version was built from another log.
/// [`ProjectionError::LogTakenBack`] if the log ends before the checkpoint. [`ProjectionError::LogReplaced`] if the log
/// no longer contains the checkpoint's event. [`ProjectionError::Storage`] if the log cannot be read.
pub async fn start<S: ReadModelStore>(
    store: S,
    version: ReadModelVersion,
    log: impl EventLog,
    log_id: LogId,
    same_database: bool,
    filter: LogFilter,
    options: ProjectionOptions,
) -> Result<RunningProjection, ProjectionError> {
    let projection = || S::NAME.to_owned();
    options.validate().map_err(|invalid| ProjectionError::InvalidOption { projection: projection(), invalid })?;
    // A rebuild comes before the checks of the log, because a rebuild makes a read model of another log valid again.
    let version = if version.requests > 0 { with_requests(&store, &log_id).await? } else { version };
    if version.log_id != log_id {
        return Err(ProjectionError::OtherLog { projection: projection(), expected: version.log_id, found: log_id });
    }
    // The end of the log is read after the checkpoint, because another process may just have moved the checkpoint.
    let storage = |source: StorageError| ProjectionError::Storage { projection: projection(), source };
    let end = log.end().await.map_err(storage)?;
    if version.position > end.last_position {
        let (position, end) = (version.position, end.last_position);
        return Err(ProjectionError::LogTakenBack { projection: projection(), position, end });
    }
    let log: Arc<dyn EventLog> = Arc::new(log);
    if let Some(event) = &version.event
        && !event.is_in(&*log).await.map_err(storage)?
    {
        return Err(log_replaced::<S>(event));
    }
    let (report, progress) = watch::channel(Progress {
        position: version.position,
        event: version.event.clone(),
        oldest_unapplied: None,
        applied: 0,
        state: ProjectionState::Rebuilding,
        parked: version.parked,
        live: version.live,
        blocked_by: None,
    });
    let (commands, received) = mpsc::channel(COMMANDS);
    let shutdown = Signal::default();
    let driver = Driver {
        log: Arc::clone(&log),
        log_id: log_id.clone(),
        store,
        options,
        filter,
        progress: report,
        commands: received,
        shutdown: shutdown.clone(),
        checkpoint: version.position,
        scanned_to: version.position,
        event: version.event,
        same_database,
        registry_due: Instant::now(),
        live: version.live,
        superseded: false,
    };
    let task = BackgroundTask::spawn(shutdown, async { driver.run().await.map_err(Arc::new) });
    Ok(RunningProjection::new::<S>(log, log_id, progress, commands, task))
}

/// Rebuilds the version if a rebuild is requested, and returns the registry entry of the version.
async fn with_requests<S: ReadModelStore>(store: &S, log_id: &LogId) -> Result<ReadModelVersion, ProjectionError> {
    let setup = |source| ProjectionError::Setup { projection: S::NAME.to_owned(), source };
    let read = async {
        let requests = store.requests().await?;
        match rebuild(store, &requests, log_id).await? {
            Some(version) => Ok(version),
            None => store.version().await?.ok_or_else(|| StoreError::Fatal(dropped::<S>())),
        }
    };
    read.await.map_err(|error: StoreError| setup(error.into_source()))
}
