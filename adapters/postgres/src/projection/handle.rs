use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use castore_runtime::log::EventLog;
use castore_runtime::projection::{ProjectionError, ProjectionState, ProjectionStatus, WaitForError};
use castore_runtime::storage::StorageError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::driver::{Command, Progress};

/// A projection that runs. Dropping it ends the projection where it is, which does no harm: what was under way is
/// rolled back, or was committed as a whole. [`shutdown`](Self::shutdown) also waits for the end.
#[must_use = "a projection ends when its handle is dropped"]
pub struct RunningProjection {
    pub(super) name: &'static str,
    pub(super) version: u32,
    pub(super) log: Arc<dyn EventLog>,
    pub(super) progress: watch::Receiver<Progress>,
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) task: JoinHandle<Result<(), ProjectionError>>,
    /// What the task said: it says it once.
    pub(super) outcome: Option<Result<(), Arc<ProjectionError>>>,
}

impl RunningProjection {
    /// How it is.
    ///
    /// # Errors
    /// [`StorageError`] if the log does not say where it ends.
    pub async fn status(&self) -> Result<ProjectionStatus, StorageError> {
        let end = self.log.end().await?;
        let progress = self.progress.borrow().clone();
        Ok(ProjectionStatus {
            name: self.name.to_owned(),
            version: self.version,
            position: progress.position,
            lag: end.last.saturating_sub(progress.position),
            state: progress.state,
            parked: progress.parked,
            live: progress.live,
            blocked_by: end.blocked_by.or(progress.blocked_by),
        })
    }

    /// Waits until everything up to a position of the log is in the read model: the
    /// position of a push, to read one's own write. Aggregates that are parked
    /// are not waited for, nor that this version is the one in use.
    ///
    /// # Errors
    /// See the variants of [`WaitForError`].
    pub async fn wait_for(&self, position: u64, patience: Duration) -> Result<(), WaitForError> {
        let start = Instant::now();
        // What another process pushed is found now rather than at the next poll. If there is no room, others look.
        let _ = self.commands.try_send(Command::Look);
        let mut progress = self.progress.clone();
        let is_over = |progress: &Progress| {
            progress.position >= position || matches!(progress.state, ProjectionState::Stopped { .. })
        };
        let waited = timeout(patience, progress.wait_for(is_over)).await.map(|told| told.map(drop));
        let Progress { position: at, state, .. } = self.progress.borrow().clone();
        let (projection, wanted) = (self.name.to_owned(), position);
        if at >= position {
            return Ok(());
        }
        if let ProjectionState::Stopped { error } = state {
            return Err(WaitForError::Stopped { projection, wanted, at, error });
        }
        if let Ok(Err(_)) = waited {
            let error = "it was shut down".to_owned();
            return Err(WaitForError::Stopped { projection, wanted, at, error });
        }
        let blocked_by = self.log.end().await?.blocked_by;
        Err(WaitForError::TimedOut { projection, wanted, at, waited: start.elapsed(), blocked_by })
    }

    /// Applies the events of a parked aggregate from where it was parked, and lets it take part again. Answers whether
    /// it was parked. If the future is dropped, this goes on.
    ///
    /// # Errors
    /// [`ProjectionError::Handler`] or [`ProjectionError::Decode`] for the event that is refused again (the aggregate
    /// stays parked, for that event); [`ProjectionError::Storage`]; [`ProjectionError::Setup`] if the projection has
    /// stopped.
    pub async fn retry_parked(&self, event_store_id: &str, aggregate_id: &str) -> Result<bool, ProjectionError> {
        let stopped = || ProjectionError::Setup { projection: self.name.to_owned(), source: "it has stopped".into() };
        let (reply, answer) = oneshot::channel();
        let (event_store_id, aggregate_id) = (event_store_id.to_owned(), aggregate_id.to_owned());
        let command = Command::RetryParked { event_store_id, aggregate_id, reply };
        self.commands.send(command).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Waits until the projection stops by itself, and says why. May be called again; cancellation-safe.
    ///
    /// # Errors
    /// Why it stopped: see the variants of [`ProjectionError`].
    pub async fn stopped(&mut self) -> Result<(), Arc<ProjectionError>> {
        if let Some(outcome) = &self.outcome {
            return outcome.clone();
        }
        let outcome = match (&mut self.task).await {
            Ok(result) => result.map_err(Arc::new),
            Err(error) => {
                let projection = self.name.to_owned();
                Err(Arc::new(ProjectionError::Setup { projection, source: error.into() }))
            }
        };
        self.outcome = Some(outcome.clone());
        outcome
    }

    /// Finishes the batch that is under way, and ends.
    ///
    /// # Errors
    /// Why it had stopped before, if it had.
    pub async fn shutdown(mut self) -> Result<(), Arc<ProjectionError>> {
        let _ = self.stop.send(true);
        self.stopped().await
    }
}

impl Drop for RunningProjection {
    fn drop(&mut self) {
        self.task.abort();
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
