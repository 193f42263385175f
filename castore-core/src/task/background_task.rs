use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::{Mutex, OnceCell};
use tokio::task::{AbortHandle, JoinError, JoinHandle};

use super::Signal;

/// The background task of a consumer, a relay or a projection, for the implementation of its handle. All clones share
/// the task. When the owner of a handle requests a shutdown, the task ends by itself. Dropping the last clone aborts
/// the task, as if its process had been killed.
///
/// An abort drops the task's future at its next `await`. Tasks that this future has spawned must end when this future
/// is dropped, for example because they run in a `JoinSet` that the future owns.
#[must_use = "the task is aborted when this is dropped"]
pub struct BackgroundTask<T>(Arc<Shared<T>>);

struct Shared<T> {
    shutdown: Signal,
    abort: AbortHandle,
    /// The task. Callers never compete for the lock, because [`OnceCell::get_or_init`] lets only one caller at a time
    /// wait for the task.
    task: Mutex<JoinHandle<T>>,
    outcome: OnceCell<Result<Option<T>, TaskPanicked>>,
}

/// The error for a background task that panicked. Panics of handlers are caught, so this is a bug in the task.
#[derive(Debug, Clone)]
pub struct TaskPanicked(Arc<JoinError>);

impl fmt::Display for TaskPanicked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the task panicked")
    }
}

// `Error` is not derived, because the derived source would be the `Arc`, which cannot be downcast to a `JoinError`.
impl Error for TaskPanicked {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

impl<T: Clone + Send + 'static> BackgroundTask<T> {
    /// Spawns a task on the current tokio runtime. The task must end soon after the signal `shutdown` was sent.
    ///
    /// # Panics
    /// If called outside of a tokio runtime.
    pub fn spawn<F: Future<Output = T> + Send + 'static>(shutdown: Signal, task: F) -> Self {
        let task = tokio::spawn(task);
        let abort = task.abort_handle();
        Self(Arc::new(Shared { shutdown, abort, task: Mutex::new(task), outcome: OnceCell::new() }))
    }

    /// Waits until the task has ended, and returns its outcome. Any number of callers can wait. After an abort, there
    /// is no outcome, and `None` is returned when the task has ended.
    ///
    /// # Cancellation
    /// The outcome is not lost if the future is dropped.
    ///
    /// # Errors
    /// [`TaskPanicked`] if the task panicked, which is a bug in the task.
    pub async fn outcome(&self) -> Result<Option<T>, TaskPanicked> {
        let wait = || async {
            match (&mut *self.0.task.lock().await).await {
                Ok(outcome) => Ok(Some(outcome)),
                Err(error) if error.is_cancelled() => Ok(None),
                Err(error) => Err(TaskPanicked(Arc::new(error))),
            }
        };
        self.0.outcome.get_or_init(wait).await.clone()
    }
}

impl<T> BackgroundTask<T> {
    /// Sends the shutdown signal, after which the task ends by itself.
    pub fn request_shutdown(&self) {
        self.0.shutdown.send();
    }

    /// Aborts the task: its future is dropped as soon as possible, which is at its next `await`.
    pub fn abort(&self) {
        self.0.abort.abort();
    }

    /// Returns whether the task has ended.
    pub fn is_finished(&self) -> bool {
        self.0.abort.is_finished()
    }
}

impl<T> Clone for BackgroundTask<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

impl<T> fmt::Debug for BackgroundTask<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BackgroundTask").field("finished", &self.is_finished()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_caller_receives_the_outcome() {
        let shutdown = Signal::default();
        let signal = shutdown.clone();
        let task = BackgroundTask::spawn(shutdown, async move {
            signal.sent().await;
            7
        });
        assert!(tokio::time::timeout(Duration::from_secs(1), task.outcome()).await.is_err());
        assert!(!task.is_finished());
        task.request_shutdown();
        let clone = task.clone();
        let (first, second) = tokio::join!(task.outcome(), clone.outcome());
        assert_eq!((first.unwrap(), second.unwrap()), (Some(7), Some(7)));
        assert!(task.is_finished());
        assert_eq!(task.outcome().await.unwrap(), Some(7));
    }

    #[tokio::test(start_paused = true)]
    async fn an_aborted_task_has_no_outcome() {
        let task = BackgroundTask::spawn(Signal::default(), std::future::pending::<u8>());
        task.abort();
        assert_eq!(task.outcome().await.unwrap(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_the_last_clone_aborts() {
        let (held, mut dropped) = tokio::sync::oneshot::channel::<()>();
        let task = BackgroundTask::spawn(Signal::default(), async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        let clone = task.clone();
        tokio::task::yield_now().await;
        drop(clone);
        tokio::task::yield_now().await;
        assert!(dropped.try_recv().is_err_and(|error| error == tokio::sync::oneshot::error::TryRecvError::Empty));
        drop(task);
        assert!(dropped.await.is_err());
    }

    #[tokio::test]
    async fn a_panic_is_an_error_with_its_text_as_source() {
        let task = BackgroundTask::spawn(Signal::default(), async { panic!("ouch") });
        let error = task.outcome().await.map(|_: Option<()>| ()).unwrap_err();
        let source = error.source().unwrap();
        assert!(source.is::<JoinError>() && source.to_string().contains("ouch"), "{error:?}");
    }
}
