use std::fmt;

use castore_runtime::HandlerError;
use castore_runtime::channel::MessageChannel;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::builder::SqsWorker;
use super::run::run;

/// A worker that was started. Dropping it stops the worker at once, as killing its process would: what it has in hand
/// comes again when its visibility timeout is over.
#[must_use = "dropping the handle stops the worker"]
pub struct SqsWorkerHandle {
    stop: watch::Sender<bool>,
    /// `None` when its end was told.
    task: Option<JoinHandle<Result<(), SqsWorkerError>>>,
    /// Closed when no task of the worker is left.
    alive: mpsc::Receiver<()>,
}

/// A worker ended without being asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqsWorkerError {
    /// A handler said so, with [`HandlerError::stop`]. The message was handed back.
    #[error("a handler stopped the worker: {0}")]
    Stopped(HandlerError),
    /// A bug.
    #[error("the worker panicked: {0}")]
    Panicked(String),
}

impl SqsWorkerHandle {
    pub(super) fn start<C: MessageChannel>(worker: SqsWorker<C>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (living, alive) = mpsc::channel(1);
        let task = tokio::spawn(run(worker, stopped, living));
        Self { stop, task: Some(task), alive }
    }

    /// Takes no more messages, lets handlers end and deletes what they handled; messages that no handler has begun with
    /// are handed back.
    ///
    /// Not to be awaited in a handler, which would wait for itself. Cancellation: the worker is stopped at once.
    ///
    /// # Errors
    /// As [`finished`](Self::finished).
    pub async fn shutdown(mut self) -> Result<(), SqsWorkerError> {
        self.stop.send_replace(true);
        self.finished().await
    }

    /// Returns when the worker has ended, and tells why once. It ends by itself only when a handler stops it.
    ///
    /// Cancellation: nothing happens.
    ///
    /// # Errors
    /// [`SqsWorkerError::Stopped`] if a handler answered [`HandlerError::stop`]; [`SqsWorkerError::Panicked`].
    pub async fn finished(&mut self) -> Result<(), SqsWorkerError> {
        let Some(task) = &mut self.task else { return Ok(()) };
        let ended = task.await;
        self.task = None;
        match ended {
            Ok(ended) => ended,
            Err(error) if error.is_cancelled() => Ok(()),
            Err(error) => Err(SqsWorkerError::Panicked(error.to_string())),
        }
    }

    /// Stops the worker at once, as dropping the handle does, and returns when none of its handlers runs any more.
    pub async fn abort(mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        // Nobody sends: it is closed in the end.
        while self.alive.recv().await.is_some() {}
    }

    /// Whether the worker has ended.
    pub fn is_finished(&self) -> bool {
        self.task.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for SqsWorkerHandle {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl fmt::Debug for SqsWorkerHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqsWorkerHandle").field("finished", &self.is_finished()).finish_non_exhaustive()
    }
}
