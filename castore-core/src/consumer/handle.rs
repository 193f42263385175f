use std::error::Error;
use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::status::Counters;
use super::{ConsumerStatus, MessageHandler};
use crate::channel::{MessageChannel, Topology};
use crate::consumer::HandlerError;
use crate::error::error_chain;
use crate::future::BoxFuture;
use crate::metrics::Measurement;
use crate::service::{PartError, PartHealth, Readiness, ServicePart};
use crate::task::{BackgroundTask, Signal, TaskCounter};

/// The maximum time for which an abort waits for handlers that do not yield to the runtime.
pub const ABORT_TIMEOUT: Duration = Duration::from_secs(2);

/// The handle of a running consumer: a worker of a queue, or a listener of a bus. Clones are handles of the same
/// consumer.
///
/// Dropping the last clone stops the consumer immediately, as if its process had been killed: the broker redelivers the
/// messages in flight.
#[derive(Clone)]
#[must_use = "dropping the last handle stops the consumer"]
pub struct ConsumerHandle {
    channel: &'static str,
    topology: &'static str,
    /// The tasks that call handlers, and the consumer's own task.
    running: TaskCounter,
    counters: Arc<Counters>,
    task: BackgroundTask<Result<(), ConsumerError>>,
}

/// The reason why a consumer ended before it was shut down, or could not be shut down in time.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ConsumerError {
    /// A handler failed with [`HandlerError::stop`]. The message was handed back to the broker.
    #[error("a handler stopped the consumer")]
    Stopped(#[source] Arc<dyn Error + Send + Sync>),
    /// The connection to the broker was closed, and will not be opened again.
    #[error("the connection to the broker was closed")]
    Disconnected,
    /// The source of the messages (a queue, or a durable consumer of NATS) was deleted or replaced at the broker, and
    /// this program could not or must not create it again.
    #[error("the queue or durable consumer that delivered the messages no longer exists at the broker")]
    Lost(#[source] Arc<dyn Error + Send + Sync>),
    /// Handlers were still running at the deadline of [`ConsumerHandle::shutdown_within`], and were aborted.
    #[error("{in_flight} handlers were still running after {limit:?} and were aborted")]
    ShutdownTimedOut {
        /// The time limit.
        limit: Duration,
        /// The number of aborted handlers.
        in_flight: usize,
    },
    /// The consumer itself panicked, which is a bug in the adapter.
    #[error("the consumer panicked: {0}")]
    Panicked(String),
}

impl ConsumerError {
    /// Creates the error of a consumer that was stopped by a handler.
    pub fn stopped(error: HandlerError) -> Self {
        Self::Stopped(error.into_source().into())
    }
}

/// The shutdown signal and the running tasks of one consumer. For authors of adapters.
///
/// After the [`shutdown`](Self::shutdown) signal was sent, a consumer takes no new messages, and ends when its handlers
/// have ended. An abort drops the future of the consumer. Tasks that the consumer spawns must end when this future is
/// dropped, for example because they run in a `JoinSet` that the future owns. Tasks that call handlers must be
/// [tracked](Self::track), so that an abort can wait until these tasks have ended.
#[derive(Debug, Clone, Default)]
pub struct ConsumerTasks {
    shutdown: Signal,
    running: TaskCounter,
}

impl ConsumerTasks {
    /// Returns the signal after which the consumer must take no more messages. A consumer that ends by itself also
    /// sends this signal, to end its other tasks.
    pub fn shutdown(&self) -> &Signal {
        &self.shutdown
    }

    /// Wraps a future so that it counts as a running task of the consumer, until the future completes or is dropped.
    pub fn track<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        self.running.track(future)
    }
}

impl ConsumerHandle {
    /// Starts a consumer on the current tokio runtime, and returns its handle. `run` receives the shutdown signal and
    /// the task counter of the consumer, and returns the future of the consumer. The handle reports the statistics of
    /// `handler`. For authors of adapters.
    ///
    /// # Panics
    /// If called outside of a tokio runtime.
    pub fn spawn<C: MessageChannel, F>(handler: &MessageHandler<C>, run: impl FnOnce(ConsumerTasks) -> F) -> Self
    where
        F: Future<Output = Result<(), ConsumerError>> + Send + 'static,
    {
        let tasks = ConsumerTasks::default();
        let task = tasks.track(run(tasks.clone()));
        let ConsumerTasks { shutdown, running } = tasks;
        Self {
            channel: C::ID,
            topology: C::Topology::NAME,
            running,
            counters: handler.counters(),
            task: BackgroundTask::spawn(shutdown, task),
        }
    }

    /// Returns the statistics of the consumer since it was started.
    pub fn status(&self) -> ConsumerStatus {
        self.counters.status()
    }

    /// Stops taking messages, waits for the running handlers, and acknowledges the messages that they handled.
    /// Messages whose handler was not called yet are handed back to the broker.
    ///
    /// There is no time limit for the handlers; [`shutdown_within`](Self::shutdown_within) has one. Do not await the
    /// shutdown in a handler of this consumer, because the handler would wait for itself.
    ///
    /// # Cancellation
    /// If the future is dropped, the consumer still shuts down. Dropping the last handle aborts the consumer.
    ///
    /// # Errors
    /// The errors of [`finished`](Self::finished).
    pub async fn shutdown(&self) -> Result<(), ConsumerError> {
        self.task.request_shutdown();
        self.finished().await
    }

    /// Shuts down like [`shutdown`](Self::shutdown), but aborts handlers that are still running at the deadline.
    ///
    /// # Errors
    /// [`ConsumerError::ShutdownTimedOut`] if handlers were aborted; otherwise the errors of
    /// [`finished`](Self::finished).
    pub async fn shutdown_within(&self, limit: Duration) -> Result<(), ConsumerError> {
        self.task.request_shutdown();
        if let Ok(ended) = timeout(limit, self.finished()).await {
            return ended;
        }
        if self.is_finished() {
            return self.finished().await;
        }
        let in_flight = self.status().in_flight;
        self.abort().await;
        Err(ConsumerError::ShutdownTimedOut { limit, in_flight })
    }

    /// Waits until the consumer has ended, and returns the outcome. Every call returns the same outcome. A consumer
    /// ends by itself when a handler stops it, when its client is closed, or when the source of its messages no longer
    /// exists at the broker. A consumer does not end when the broker is unavailable. After an abort, the outcome is
    /// `Ok`.
    ///
    /// # Cancellation
    /// The outcome is not lost if the future is dropped.
    ///
    /// # Errors
    /// [`ConsumerError::Stopped`], [`ConsumerError::Disconnected`], [`ConsumerError::Lost`] or
    /// [`ConsumerError::Panicked`].
    pub async fn finished(&self) -> Result<(), ConsumerError> {
        match self.task.outcome().await {
            Ok(outcome) => outcome.unwrap_or(Ok(())),
            Err(panicked) => Err(ConsumerError::Panicked(error_chain(&panicked))),
        }
    }

    /// Stops the consumer immediately, as dropping the last handle does, and waits until no handler of the consumer is
    /// running. The wait takes at most 2 seconds, because a handler that blocks its thread cannot be stopped.
    pub async fn abort(&self) {
        self.task.abort();
        let _ = timeout(ABORT_TIMEOUT, self.running.ended()).await;
    }

    /// Returns whether the consumer has ended.
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

impl ServicePart for ConsumerHandle {
    fn name(&self) -> String {
        format!("consumer of {} `{}`", self.topology, self.channel)
    }

    fn finished(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(async { self.finished().await.map_err(|error| Arc::new(error) as PartError) })
    }

    fn shutdown(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(async { self.shutdown().await.map_err(|error| Arc::new(error) as PartError) })
    }

    fn abort(&self) {
        self.task.abort();
    }

    fn health<'a>(&'a self, _: &'a Readiness) -> BoxFuture<'a, PartHealth> {
        Box::pin(async {
            let running = PartHealth::of_running(self).await;
            if running.live && !self.status().is_receiving {
                return PartHealth::not_ready(running.name, "the broker does not deliver messages");
            }
            running
        })
    }

    fn measure(&self) -> BoxFuture<'_, Vec<Measurement>> {
        Box::pin(ready(self.status().measurements(self.channel)))
    }
}

impl fmt::Debug for ConsumerHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ConsumerHandle")
            .field("finished", &self.is_finished())
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
