use std::fmt;
use std::future::poll_fn;
use std::task::Poll;

use serde::Serialize;

use super::ServicePart;
use crate::error::error_chain;

/// The health of a [`Service`](super::Service). [`Service::health`](super::Service::health) returns it.
///
/// A service is *live* while all its parts are live, and *ready* while all its parts are live and ready. An
/// orchestrator restarts a process that is not live. Because a restart does not help if a server is unavailable, a part
/// stays live until its task has ended. An orchestrator sends no requests to a process that is not ready, and delays
/// the next step of a deployment. This table shows when a live part is ready:
///
/// | part | ready |
/// |---|---|
/// | relay | It holds the lease, or another process does. An outage does not matter, because events wait in the log. |
/// | projection | Its lag is at most the limit of [`Readiness`](super::Readiness). |
/// | consumer of a broker | The last request for messages has not failed. |
/// | in-memory queue or bus | It was not shut down. |
/// | [`ReachableStorage`](super::ReachableStorage) | A read succeeds. |
/// | your own [`ServicePart`] | It has not ended, unless the part implements [`ServicePart::health`] itself. |
///
/// The health serializes to JSON. Details may contain texts of errors, such as names of hosts, so serve them only to
/// operators:
///
/// ```json
/// {
///   "live": true,
///   "ready": false,
///   "parts": [
///     { "name": "relay `APP_BUS`", "live": true, "ready": false, "detail": "no process is known to hold the lease" }
///   ]
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// Whether all parts are live.
    pub live: bool,
    /// Whether all parts are live and ready. `false` after the service has begun to stop.
    pub ready: bool,
    /// The health of each part, in the order in which the parts were added to the service.
    pub parts: Vec<PartHealth>,
}

/// The health of a part of a service. See [`Health`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PartHealth {
    /// The name of the part, as returned by [`ServicePart::name`].
    pub name: String,
    /// Whether the part is running: its task has not ended.
    pub live: bool,
    /// Whether the part is running and can do its work.
    pub ready: bool,
    /// The reason why the part is not live or not ready, or a problem that does not affect its readiness. `None` if
    /// there is neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Health {
    /// Creates the health of a service from the health of its parts.
    pub fn new(parts: Vec<PartHealth>) -> Self {
        let live = parts.iter().all(|part| part.live);
        let ready = live && parts.iter().all(|part| part.ready);
        Self { live, ready, parts }
    }
}

impl PartHealth {
    /// Creates the health of a part that is live and ready.
    pub fn ready(name: impl Into<String>) -> Self {
        Self { name: name.into(), live: true, ready: true, detail: None }
    }

    /// Creates the health of a part that is live, but cannot do its work.
    pub fn not_ready(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { ready: false, ..Self::ready(name) }.detail(reason)
    }

    /// Creates the health of a part that has ended.
    pub fn ended(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { live: false, ..Self::not_ready(name, reason) }
    }

    /// Sets the detail. Defaults to `None` for a part that is ready.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Returns the default health of a part: it is live and ready until it has [finished](ServicePart::finished). This
    /// method does not wait for the part to finish.
    pub async fn of_running<P: ServicePart + ?Sized>(part: &P) -> Self {
        let mut finished = part.finished();
        let ended = poll_fn(|context| match finished.as_mut().poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => Poll::Ready(None),
        });
        match ended.await {
            None => Self::ready(part.name()),
            Some(Ok(())) => Self::ended(part.name(), "it was shut down"),
            Some(Err(error)) => Self::ended(part.name(), error_chain(&*error)),
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(word(self.live, self.ready))?;
        for part in &self.parts {
            write!(formatter, "\n{part}")?;
        }
        Ok(())
    }
}

impl fmt::Display for PartHealth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.name, word(self.live, self.ready))?;
        match &self.detail {
            Some(detail) => write!(formatter, " ({detail})"),
            None => Ok(()),
        }
    }
}

fn word(live: bool, ready: bool) -> &'static str {
    match (live, ready) {
        (true, true) => "ready",
        (true, false) => "not ready",
        (false, _) => "not live",
    }
}
