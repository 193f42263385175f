use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use castore_runtime::HandlerError;
use castore_runtime::channel::MessageChannel;
use futures_util::future::try_join_all;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::durable::Durable;
use super::lane::{Lane, LaneEnd};
use super::settings::Settings;
use crate::NatsError;

/// How long tasks that are to end at once may take until they are cut off.
const ABORTING: Duration = Duration::from_secs(2);

/// A worker or a listener that was started. Dropping it stops the worker at once, as killing its process would: what it
/// has in hand comes again after its [`ack_wait`](crate::NatsWorker::ack_wait).
#[must_use = "dropping the handle stops the worker"]
pub struct NatsConsumerHandle {
    phase: watch::Sender<Phase>,
    /// `None` when its end was told.
    task: Option<JoinHandle<Result<(), NatsConsumerError>>>,
}

/// A worker or a listener ended without being asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NatsConsumerError {
    /// A handler said so, with [`HandlerError::stop`]. The message was handed back.
    #[error("a handler stopped the consumer: {0}")]
    Stopped(HandlerError),
    /// The client was closed, or has given up connecting.
    #[error("the connection to NATS was closed")]
    Disconnected,
    /// A bug.
    #[error("the consumer panicked: {0}")]
    Panicked(String),
}

impl From<LaneEnd> for NatsConsumerError {
    fn from(end: LaneEnd) -> Self {
        match end {
            LaneEnd::Stopped(error) => Self::Stopped(error),
            LaneEnd::Disconnected => Self::Disconnected,
            LaneEnd::Panicked(text) => Self::Panicked(text),
        }
    }
}

/// What a consumer does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Work,
    Drain,
    Abort,
}

/// Goes on to a phase, and never back.
pub(super) fn advance(phase: &mut Phase, next: Phase) -> bool {
    let later = next > *phase;
    if later {
        *phase = next;
    }
    later
}

impl NatsConsumerHandle {
    pub(super) async fn start<C: MessageChannel>(
        settings: Settings<C>,
        durables: Vec<Durable>,
        replace_filter: bool,
    ) -> Result<Self, NatsError> {
        let (connection, ordered) = (&settings.connection, settings.ordered());
        let set_up =
            durables.iter().map(|durable| durable.set_up(connection, ordered, settings.ack_wait, replace_filter));
        let consumers = try_join_all(set_up).await?;
        let settings = Arc::new(settings);
        let (phase, _) = watch::channel(Phase::Work);
        let lanes = consumers.into_iter().map(|consumer| Lane::new(settings.clone(), consumer)).collect();
        let task = tokio::spawn(run(lanes, phase.clone()));
        Ok(Self { phase, task: Some(task) })
    }

    /// Takes no more messages, lets handlers end and acknowledges what they handled; the rest stays with the server, for
    /// the next consumer.
    ///
    /// Not to be awaited in a handler, which would wait for itself. Cancellation: the worker is stopped at once.
    ///
    /// # Errors
    /// As [`finished`](Self::finished).
    pub async fn shutdown(mut self) -> Result<(), NatsConsumerError> {
        self.phase.send_if_modified(|phase| advance(phase, Phase::Drain));
        self.finished().await
    }

    /// Returns when the worker has ended, and tells why once. It ends by itself when a handler stops it, or the client
    /// is closed; not while there is no server.
    ///
    /// Cancellation: nothing happens.
    ///
    /// # Errors
    /// [`NatsConsumerError::Stopped`] if a handler answered [`HandlerError::stop`], [`NatsConsumerError::Disconnected`],
    /// [`NatsConsumerError::Panicked`].
    pub async fn finished(&mut self) -> Result<(), NatsConsumerError> {
        let Some(task) = &mut self.task else { return Ok(()) };
        let ended = task.await;
        self.task = None;
        match ended {
            Ok(ended) => ended,
            Err(error) if error.is_cancelled() => Ok(()),
            Err(error) => Err(NatsConsumerError::Panicked(error.to_string())),
        }
    }

    /// Stops the worker at once, as dropping the handle does, and returns when none of its handlers runs any more.
    pub async fn abort(mut self) {
        self.phase.send_if_modified(|phase| advance(phase, Phase::Abort));
        if let Some(task) = &mut self.task
            && tokio::time::timeout(ABORTING, &mut *task).await.is_ok()
        {
            // Its end was told: it must not be asked again.
            self.task = None;
        }
    }

    /// Whether the worker has ended.
    pub fn is_finished(&self) -> bool {
        self.task.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

/// Runs the lanes of a consumer. When one ends by itself, all do.
async fn run<C: MessageChannel>(lanes: Vec<Lane<C>>, phase: watch::Sender<Phase>) -> Result<(), NatsConsumerError> {
    let mut tasks: JoinSet<_> = lanes.into_iter().map(|lane| lane.run(phase.clone())).collect();
    let mut first = None;
    while let Some(ended) = tasks.join_next().await {
        let end = match ended {
            Ok(Ok(())) => continue,
            Ok(Err(end)) => end.into(),
            Err(error) => NatsConsumerError::Panicked(error.to_string()),
        };
        phase.send_if_modified(|phase| advance(phase, Phase::Drain));
        tracing::error!(message_channel = C::ID, error = %end, "a consumer of NATS ends");
        first.get_or_insert(end);
    }
    first.map_or(Ok(()), Err)
}

impl Drop for NatsConsumerHandle {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl fmt::Debug for NatsConsumerHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NatsConsumerHandle").field("finished", &self.is_finished()).finish_non_exhaustive()
    }
}
