use std::fmt;
use std::future::poll_fn;
use std::task::Poll;

use serde::Serialize;

use super::ServicePart;
use crate::error::error_chain;

/// The health of a [`Service`](super::Service). [`Service::health`](super::Service::health) returns it.
///
/// A service is *live* while all its parts are live, and *ready* while all its parts are ready. For liveness, an
/// orchestrator restarts the process. So a part is live until its task has ended, even if a server is unavailable: a
/// restart would not help. For readiness, an orchestrator sends no requests to the process, or waits with the next step
/// of a deployment:
///
/// | part | ready |
/// |---|---|
/// | relay | It holds the lease, or another process does. A failing broker does not matter: events are stored and wait. |
/// | projection | It is not further behind the end of the log than [`Readiness`](super::Readiness) allows. |
/// | consumer of a broker | The last request for messages succeeded. |
/// | in-memory queue or bus | It was not shut down. |
/// | [`ReachableStorage`](super::ReachableStorage) | A read succeeded. |
/// | own [`ServicePart`] | It has not ended, unless [`ServicePart::health`] is implemented. |
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
    /// Whether all parts are live and ready.
    pub ready: bool,
    /// The health of each part, in the order in which the parts were added to the service.
    pub parts: Vec<PartHealth>,
}

/// The health of a part of a service. See [`Health`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PartHealth {
    /// The name of the part.
    pub name: String,
    /// Whether the part is running.
    pub live: bool,
    /// Whether the part is running and can do its work.
    pub ready: bool,
    /// The reason why the part is not live or not ready, or a problem that does not affect its readiness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Health {
    /// Creates the health of a service from that of its parts.
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

    /// Sets the detail.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Returns that a part is live and ready until it has [finished](ServicePart::finished), without waiting for it.
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
