use std::fmt;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::{Health, PartError, PartHealth, Readiness, ServiceError, ServicePart};
use crate::error::error_chain;
use crate::future::{BoxFuture, join_all};
use crate::metrics::{Meter, MetricsCollector};
use crate::task::Signal;

/// A supervisor for the relays, projections and consumers of a program.
///
/// [`run_until`](Self::run_until) waits for a signal to stop, for example for `tokio::signal::ctrl_c()`, and then shuts
/// down all parts, the last added part first. If a part ends with an error before the signal, the other parts are shut
/// down, too, and the error names the part. If the program exits with this error and is then restarted, all parts run
/// again. Without the shutdown, the program would keep running without the failed part.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// use castore::relay::{Relay, RelayStart};
/// use castore::service::Service;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app_bus = AppBus::new();
/// # let _adapter = InMemoryMessageBusAdapter::attach_to(&app_bus);
/// # let storage = InMemoryEventStorageAdapter::new();
/// # let pokemons = EventStore::<Pokemon>::new(storage.clone());
/// let relay = Relay::builder(app_bus)
///     .publish(&pokemons)
///     .start(storage, RelayStart::Beginning)
///     .await?;
/// let service = Service::new().with(&relay);
///
/// // A server that ends with the service: `axum::serve(…).with_graceful_shutdown(service.stopping())`.
/// let stopping = service.stopping();
/// let server = tokio::spawn(async move { stopping.await });
///
/// # let shutdown_signal = async {};
/// service.run_until(shutdown_signal).await?;
/// server.await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a service does nothing until `run_until` is called"]
pub struct Service {
    parts: Vec<Arc<dyn ServicePart>>,
    stopping: Signal,
    shutdown_limit: Option<Duration>,
    readiness: Readiness,
}

impl Service {
    /// Creates a service without parts.
    pub fn new() -> Self {
        Self { parts: Vec::new(), stopping: Signal::default(), shutdown_limit: None, readiness: Readiness::default() }
    }

    /// Adds a part. The service keeps a clone of the handle, so the part continues to run after the caller's handle is
    /// dropped.
    pub fn with<P: ServicePart + Clone>(mut self, part: &P) -> Self {
        self.parts.push(Arc::new(part.clone()));
        self
    }

    /// Sets a time limit for the shutdown of all parts together. Parts that are still running at the limit are aborted,
    /// as if the process had been killed. Defaults to no limit.
    pub fn shutdown_within(mut self, limit: Duration) -> Self {
        self.shutdown_limit = Some(limit);
        self
    }

    /// Sets the options for [`health`](Self::health): the largest lag with which a projection is ready, and the time
    /// limit for checking a part. Defaults to [`Readiness::default`].
    pub fn readiness(mut self, readiness: Readiness) -> Self {
        self.readiness = readiness;
        self
    }

    /// Checks the health of all parts concurrently, and returns it. [`Health`] defines *live* and *ready*. A part that
    /// does not respond within the [timeout](Readiness::timeout) is not ready. A service that has begun to stop is not
    /// ready.
    ///
    /// Keep a clone of the service for the handlers of an HTTP server:
    ///
    /// ```
    /// # use castore_core as castore;
    /// use castore::service::Service;
    ///
    /// # async fn example(service: Service) -> Result<(), serde_json::Error> {
    /// let health = service.health().await;
    /// let status = if health.ready { 200 } else { 503 };
    /// let body = serde_json::to_string(&health)?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn health(&self) -> Health {
        let check = |part: &'_ Arc<dyn ServicePart>| {
            let part = Arc::clone(part);
            Box::pin(async move {
                match timeout(self.readiness.timeout, part.health(&self.readiness)).await {
                    Ok(health) => health,
                    Err(_) => PartHealth::not_ready(part.name(), "it did not respond in time"),
                }
            }) as BoxFuture<'_, _>
        };
        let mut health = Health::new(join_all(self.parts.iter().map(check).collect()).await);
        health.ready &= !self.stopping.is_sent();
        health
    }

    /// Returns a collector that reports the measurements of all current parts to `meter`. The collector does nothing
    /// until [`collect`](MetricsCollector::collect) or [`collect_every`](MetricsCollector::collect_every) is called.
    pub fn collector(&self, meter: Arc<dyn Meter>) -> MetricsCollector {
        self.parts.iter().fold(MetricsCollector::new(meter), |collector, part| collector.with_shared(Arc::clone(part)))
    }

    /// Returns a future that completes when the service begins to stop: after the signal, or after a part has ended
    /// with an error. Use this future to stop a server that is not a part of the service.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + use<> {
        let stopping = self.stopping.clone();
        async move { stopping.sent().await }
    }

    /// Runs until `signal` completes or a part ends with an error, and then shuts down all parts, the last added part
    /// first. A part that was shut down through another handle does not stop the service.
    ///
    /// # Cancellation
    /// If the future is dropped, the parts are not shut down. Each part runs as long as another handle of the part
    /// exists.
    ///
    /// # Errors
    /// * [`ServiceError::PartEnded`] if a part ended with an error before the signal.
    /// * [`ServiceError::ShutdownTimedOut`] if the shutdown took too long.
    /// * [`ServiceError::Shutdown`] if a part returned an error when it was shut down.
    pub async fn run_until(self, signal: impl Future<Output = ()>) -> Result<(), ServiceError> {
        let ended = self.signal_or_end(signal).await;
        self.stopping.send();
        if let Some((part, error)) = &ended {
            tracing::error!(part, error = error_chain(&**error), "a part of the service ended");
        }
        let stopped = self.shutdown().await;
        match ended {
            Some((part, source)) => Err(ServiceError::PartEnded { part, source }),
            None => stopped,
        }
    }

    /// Waits for the signal. Returns the name and the error of the first part that ends with an error before the
    /// signal, or `None` after the signal.
    async fn signal_or_end(&self, signal: impl Future<Output = ()>) -> Option<(String, PartError)> {
        let mut signal = pin!(signal);
        let mut parts: Vec<BoxFuture<'_, (String, PartError)>> =
            self.parts.iter().map(|part| Box::pin(error_of(&**part)) as BoxFuture<'_, _>).collect();
        poll_fn(|context| {
            for part in &mut parts {
                if let Poll::Ready(ended) = part.as_mut().poll(context) {
                    return Poll::Ready(Some(ended));
                }
            }
            signal.as_mut().poll(context).map(|()| None)
        })
        .await
    }

    /// Shuts down the parts one after the other, in reverse order, even after an error. Parts that do not finish before
    /// the deadline are aborted.
    async fn shutdown(&self) -> Result<(), ServiceError> {
        let deadline = self.shutdown_limit.and_then(|limit| Instant::now().checked_add(limit));
        let (mut first, mut aborted) = (Ok(()), Vec::new());
        for part in self.parts.iter().rev() {
            let stopped = match deadline {
                Some(deadline) => timeout_at(deadline, part.shutdown()).await,
                None => Ok(part.shutdown().await),
            };
            match stopped {
                Ok(Ok(())) => {}
                Ok(Err(source)) => first = first.and(Err(ServiceError::Shutdown { part: part.name(), source })),
                Err(_) => {
                    part.abort();
                    aborted.push(part.name());
                }
            }
        }
        match self.shutdown_limit {
            Some(limit) if !aborted.is_empty() => Err(ServiceError::ShutdownTimedOut { limit, parts: aborted }),
            _ => first,
        }
    }
}

/// Waits until a part ends with an error. A part that ends without an error was shut down on purpose.
async fn error_of(part: &dyn ServicePart) -> (String, PartError) {
    match part.finished().await {
        Err(error) => (part.name(), error),
        Ok(()) => pending().await,
    }
}

impl Default for Service {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.parts.iter().map(|part| part.name()).collect();
        formatter.debug_struct("Service").field("parts", &names).finish_non_exhaustive()
    }
}
