use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use castore_core::error::error_chain;
use castore_core::future::BoxFuture;
use castore_core::log::{CheckpointEvent, EventLog, LogEnd, LogId};
use castore_core::metrics::Measurement;
use castore_core::service::{PartError, PartHealth, Readiness, ServicePart};
use castore_core::storage::StorageError;
use castore_core::task::BackgroundTask;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use crate::engine::{Command, Progress, ReadModelStore, is_same_log};
use crate::{ProjectionError, ProjectionState, ProjectionStatus, WaitForError};

/// The time limit for reading the end of the log for a measurement. If the read takes longer, the lag is not measured.
const MEASURE_LIMIT: Duration = Duration::from_secs(1);

/// The handle of a running projection. Clones are handles of the same projection. Dropping the last handle ends the
/// projection immediately. This is safe, because an open transaction is either rolled back or committed as a whole.
/// [`shutdown`](Self::shutdown) ends the projection after the current transaction, and waits for the end.
#[derive(Clone)]
#[must_use = "a projection ends when its last handle is dropped"]
pub struct RunningProjection {
    name: &'static str,
    version: u32,
    log: Arc<dyn EventLog>,
    log_id: LogId,
    progress: watch::Receiver<Progress>,
    commands: mpsc::Sender<Command>,
    task: BackgroundTask<Result<(), Arc<ProjectionError>>>,
}

impl RunningProjection {
    pub(crate) fn new<S: ReadModelStore>(
        log: Arc<dyn EventLog>,
        log_id: LogId,
        progress: watch::Receiver<Progress>,
        commands: mpsc::Sender<Command>,
        task: BackgroundTask<Result<(), Arc<ProjectionError>>>,
    ) -> Self {
        Self { name: S::NAME, version: S::VERSION, log, log_id, progress, commands, task }
    }

    /// Returns the position, the lag and the state of the projection.
    ///
    /// # Errors
    /// [`StorageError`] if the end of the log cannot be read.
    pub async fn status(&self) -> Result<ProjectionStatus, StorageError> {
        let end = self.log.end().await?;
        Ok(self.status_at(&end))
    }

    fn status_at(&self, end: &LogEnd) -> ProjectionStatus {
        let progress = self.progress.borrow().clone();
        ProjectionStatus {
            name: self.name.to_owned(),
            version: self.version,
            position: progress.position,
            lag: end.last_position.saturating_sub(progress.position),
            oldest_unapplied: progress.oldest_unapplied,
            applied: progress.applied,
            state: progress.state,
            parked: progress.parked,
            live: progress.live,
            blocked_by: end.blocked_by.clone().or(progress.blocked_by),
        }
    }

    /// Waits, for at most `limit`, until every event up to a position of the log is in the read model. If the caller
    /// passes the position of an event that it has pushed, it can then read its own write.
    ///
    /// The method does not wait for parked aggregates, and it does not wait until readers use this version. The
    /// position must belong to the log that the projection reads. If that log was restored from a backup or replaced in
    /// the meantime, the method fails.
    ///
    /// # Errors
    /// [`WaitForError::TimedOut`] if the projection does not reach the position within `limit`.
    /// [`WaitForError::Stopped`] if the projection stops first. [`WaitForError::LogReplaced`] if the log was restored
    /// or replaced after the position was reached. [`WaitForError::Storage`] if the log cannot be read.
    pub async fn wait_for(&self, position: u64, limit: Duration) -> Result<(), WaitForError> {
        let start = Instant::now();
        // The projection reads the log now instead of at the next poll, because another process may have pushed the
        // event. If the channel is full, the projection reads the log after the waiting commands.
        let _ = self.commands.try_send(Command::ReadNow);
        let mut progress = self.progress.clone();
        let is_over = |progress: &Progress| {
            progress.position >= position || matches!(progress.state, ProjectionState::Stopped { .. })
        };
        let waited = timeout(limit, progress.wait_for(is_over)).await.map(|progress| progress.map(drop));
        let Progress { position: at, event, state, .. } = self.progress.borrow().clone();
        let (projection, wanted) = (self.name.to_owned(), position);
        if at >= position {
            // If the log was replaced while this method waited, another event may be at the caller's position.
            if self.is_same_log(at, event.as_ref()).await? {
                return Ok(());
            }
            return Err(WaitForError::LogReplaced { projection, wanted });
        }
        if let ProjectionState::Stopped { error } = state {
            return Err(WaitForError::Stopped { projection, wanted, at, error });
        }
        if let Ok(Err(_)) = waited {
            let error = "the projection was shut down".to_owned();
            return Err(WaitForError::Stopped { projection, wanted, at, error });
        }
        let blocked_by = self.log.end().await?.blocked_by;
        Err(WaitForError::TimedOut { projection, wanted, at, waited: start.elapsed(), blocked_by })
    }

    /// Returns whether the log still contains what the projection has read.
    async fn is_same_log(&self, position: u64, event: Option<&CheckpointEvent>) -> Result<bool, StorageError> {
        if self.log.log_id().await? != self.log_id {
            return Ok(false);
        }
        is_same_log(&*self.log, position, event).await
    }

    /// Applies the events of a parked aggregate, starting with the rejected event, and unparks the aggregate. Returns
    /// whether the aggregate was parked.
    ///
    /// # Cancellation
    /// If the future is dropped, the projection still finishes the retry.
    ///
    /// # Errors
    /// [`ProjectionError::Handler`] or [`ProjectionError::Decode`] if an event is rejected again. The aggregate then
    /// stays parked at that event. [`ProjectionError::Storage`] if the log or the database fails.
    /// [`ProjectionError::Setup`] if the projection has stopped or its store failed permanently.
    pub async fn retry_parked(&self, event_store_id: &str, aggregate_id: &str) -> Result<bool, ProjectionError> {
        let stopped =
            || ProjectionError::Setup { projection: self.name.to_owned(), source: "the projection has stopped".into() };
        let (reply, answer) = oneshot::channel();
        let (event_store_id, aggregate_id) = (event_store_id.to_owned(), aggregate_id.to_owned());
        let command = Command::RetryParked { event_store_id, aggregate_id, reply };
        self.commands.send(command).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Waits until the projection has ended, and returns the outcome. Any number of callers may wait. If the projection
    /// was shut down, the outcome is `Ok`.
    ///
    /// # Cancellation
    /// Nothing is lost if the future is dropped.
    ///
    /// # Errors
    /// The error that stopped the projection: see the variants of [`ProjectionError`].
    pub async fn finished(&self) -> Result<(), Arc<ProjectionError>> {
        match self.task.outcome().await {
            Ok(outcome) => outcome.unwrap_or(Ok(())),
            Err(panicked) => {
                let projection = self.name.to_owned();
                Err(Arc::new(ProjectionError::Setup { projection, source: panicked.into() }))
            }
        }
    }

    /// Finishes the current transaction or the retry of a parked aggregate, ends the projection and closes its
    /// resources.
    ///
    /// # Cancellation
    /// If the future is dropped after it was first polled, the projection still shuts down. Dropping the last handle
    /// aborts the projection.
    ///
    /// # Errors
    /// The error that stopped the projection, if any: see the variants of [`ProjectionError`].
    pub async fn shutdown(&self) -> Result<(), Arc<ProjectionError>> {
        self.task.request_shutdown();
        self.finished().await
    }
}

impl ServicePart for RunningProjection {
    fn name(&self) -> String {
        format!("projection `{}`", self.name)
    }

    fn finished(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(async { self.finished().await.map_err(|error| error as PartError) })
    }

    fn shutdown(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(async { self.shutdown().await.map_err(|error| error as PartError) })
    }

    fn abort(&self) {
        self.task.abort();
    }

    fn health<'a>(&'a self, readiness: &'a Readiness) -> BoxFuture<'a, PartHealth> {
        Box::pin(async {
            let running = PartHealth::of_running(self).await;
            if !running.live {
                return running;
            }
            match self.status().await {
                Ok(status) => status.health(running, readiness),
                Err(error) => PartHealth::not_ready(running.name, error_chain(&error)),
            }
        })
    }

    fn measure(&self) -> BoxFuture<'_, Vec<Measurement>> {
        Box::pin(async {
            match timeout(MEASURE_LIMIT, self.log.end()).await {
                Ok(Ok(end)) => self.status_at(&end).measurements(Some(&end)),
                Ok(Err(_)) | Err(_) => self.status_at(&LogEnd::new(0, 0)).measurements(None),
            }
        })
    }
}

impl fmt::Debug for RunningProjection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RunningProjection")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
