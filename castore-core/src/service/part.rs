use std::error::Error;
use std::sync::Arc;

use super::{PartHealth, Readiness};
use crate::future::BoxFuture;
use crate::metrics::Measurement;

/// The error with which a part of a service ended.
pub type PartError = Arc<dyn Error + Send + Sync>;

/// A part of a [`Service`](super::Service), such as a relay, a projection or a consumer. The handles of castore's
/// background tasks implement this trait. Implement it for other tasks of a program that must stop with the service.
pub trait ServicePart: Send + Sync + 'static {
    /// Returns the name of the part for errors and logs, such as ``relay `APP_BUS` ``.
    fn name(&self) -> String;

    /// Waits until the part has ended. Dropping the returned future must not end the part.
    ///
    /// # Errors
    /// The error that ended the part. The service then stops all other parts. A part that was shut down returns `Ok`.
    fn finished(&self) -> BoxFuture<'_, Result<(), PartError>>;

    /// Shuts down the part, and waits until it has ended. The service also calls this method for parts that have
    /// already ended.
    ///
    /// # Errors
    /// The error that ended the part before the call, or the reason why the part could not be shut down properly.
    fn shutdown(&self) -> BoxFuture<'_, Result<(), PartError>>;

    /// Stops the part immediately, as if its process had been killed. The service calls this method when the time
    /// limit of the shutdown is over. The default implementation does nothing.
    fn abort(&self) {}

    /// Returns the health of the part, for [`Service::health`](super::Service::health). The documentation of
    /// [`Health`](super::Health) defines *live* and *ready* for each kind of part.
    ///
    /// By default, the part is live and ready until it has [finished](Self::finished). An implementation with further
    /// conditions can start from the result of [`PartHealth::of_running`].
    fn health<'a>(&'a self, readiness: &'a Readiness) -> BoxFuture<'a, PartHealth> {
        let _ = readiness;
        Box::pin(PartHealth::of_running(self))
    }

    /// Takes the measurements of the part, for a [`MetricsCollector`](crate::metrics::MetricsCollector). Defaults to no
    /// measurements.
    fn measure(&self) -> BoxFuture<'_, Vec<Measurement>> {
        Box::pin(std::future::ready(Vec::new()))
    }
}
