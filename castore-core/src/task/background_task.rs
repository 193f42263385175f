use std::future::Future;

use tokio::task::{JoinError, JoinHandle};

use super::Signal;

/// The background task of a handle: a consumer, a relay or a projection. When the owner of the handle requests a
/// shutdown, the task ends by itself. Dropping the `BackgroundTask` aborts the task, as if its process had been killed.
///
/// An abort drops the task's future at its next `await`. Tasks that this future has spawned must end when it is
/// dropped, for example because they run in a `JoinSet` that the future owns.
#[derive(Debug)]
#[must_use = "the task is aborted when this is dropped"]
pub struct BackgroundTask<T> {
    shutdown: Signal,
    /// The task, or `None` after the outcome of the task was returned.
    task: Option<JoinHandle<T>>,
}

/// The error for a background task that panicked. Panics of handlers are caught, so this is a bug in the task.
#[derive(Debug, thiserror::Error)]
#[error("the task panicked")]
pub struct TaskPanicked(#[source] JoinError);

impl<T: Send + 'static> BackgroundTask<T> {
    /// Spawns a task on the current tokio runtime. The task must end soon after the signal `shutdown` was sent.
    ///
    /// # Panics
    /// If called outside of a tokio runtime.
    pub fn spawn<F: Future<Output = T> + Send + 'static>(shutdown: Signal, task: F) -> Self {
        Self { shutdown, task: Some(tokio::spawn(task)) }
    }

    /// Sends the signal that makes the task end by itself.
    pub fn request_shutdown(&self) {
        self.shutdown.send();
    }

    /// Waits until the task has ended, and returns its outcome. The outcome is returned once: later calls return `None`
    /// immediately. After an abort, there is no outcome, and `None` is returned when the task has ended.
    ///
    /// # Cancellation
    /// The outcome is not lost if the future is dropped.
    ///
    /// # Errors
    /// [`TaskPanicked`] if the task panicked, which is a bug in the task.
    pub async fn outcome(&mut self) -> Result<Option<T>, TaskPanicked> {
        let Some(task) = &mut self.task else { return Ok(None) };
        let outcome = task.await;
        self.task = None;
        match outcome {
            Ok(outcome) => Ok(Some(outcome)),
            Err(error) if error.is_cancelled() => Ok(None),
            Err(error) => Err(TaskPanicked(error)),
        }
    }

    /// Returns whether the task has ended.
    pub fn is_finished(&self) -> bool {
        self.task.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl<T> BackgroundTask<T> {
    /// Aborts the task: its future is dropped as soon as possible, which is at its next `await`.
    pub fn abort(&self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl<T> Drop for BackgroundTask<T> {
    fn drop(&mut self) {
        self.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_outcome_is_returned_once() {
        let shutdown = Signal::default();
        let signal = shutdown.clone();
        let mut task = BackgroundTask::spawn(shutdown, async move {
            signal.sent().await;
            7
        });
        assert!(tokio::time::timeout(Duration::from_secs(1), task.outcome()).await.is_err());
        assert!(!task.is_finished());
        task.request_shutdown();
        assert_eq!(task.outcome().await.unwrap(), Some(7));
        assert!(task.is_finished());
        assert_eq!(task.outcome().await.unwrap(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_aborted_task_has_no_outcome() {
        let mut task = BackgroundTask::spawn(Signal::default(), std::future::pending::<u8>());
        task.abort();
        assert_eq!(task.outcome().await.unwrap(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_aborts() {
        let (held, mut dropped) = tokio::sync::oneshot::channel::<()>();
        let task = BackgroundTask::spawn(Signal::default(), async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        tokio::task::yield_now().await;
        assert!(dropped.try_recv().is_err_and(|error| error == tokio::sync::oneshot::error::TryRecvError::Empty));
        drop(task);
        assert!(dropped.await.is_err());
    }

    #[tokio::test]
    async fn a_panic_is_an_error_with_its_text_as_source() {
        let mut task = BackgroundTask::spawn(Signal::default(), async { panic!("ouch") });
        let error = task.outcome().await.map(|_: Option<()>| ()).unwrap_err();
        assert!(error.source().unwrap().to_string().contains("ouch"), "{error:?}");
    }
}
