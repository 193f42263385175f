use std::fmt;
use std::sync::Arc;

use tracing::Span;

use super::EventContext;

/// The position in a trace, in the form of the W3C headers `traceparent` and `tracestate`. Convert the text of a
/// `traceparent` header to create a position without a `tracestate`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceContext {
    /// The trace and the span, for example `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`.
    pub traceparent: String,
    /// The data that tracing systems add.
    pub tracestate: Option<String>,
}

impl TraceContext {
    /// Creates a position in a trace.
    pub fn new(traceparent: impl Into<String>, tracestate: Option<String>) -> Self {
        Self { traceparent: traceparent.into(), tracestate }
    }
}

impl<T: Into<String>> From<T> for TraceContext {
    fn from(traceparent: T) -> Self {
        Self::new(traceparent, None)
    }
}

/// A tracing system, such as OpenTelemetry, that can continue a trace in another process. The crate `castore-otel`
/// implements it for OpenTelemetry.
pub trait TraceSystem: Send + Sync + 'static {
    /// Returns the position of a span in its trace, or `None` if the tracing system does not record the span.
    fn position(&self, span: &Span) -> Option<TraceContext>;

    /// Makes a new span a child of the span in `parent`.
    fn set_parent(&self, span: &Span, parent: &EventContext);

    /// Links a new span to the span in `context`, which belongs to another trace or is one of several causes.
    fn add_link(&self, span: &Span, context: &EventContext);
}

/// The connection between the contexts of events and a tracing system. It is a layer of the program's `tracing`
/// subscriber, so there is no global state: events that are pushed under another subscriber are not affected.
///
/// The subscriber must contain this layer and the layer of the tracing system. For OpenTelemetry, `castore_otel::layer`
/// returns a propagator; its documentation contains an example.
///
/// Without a propagator, correlation ids and causation ids work, and a `traceparent` that the program sets with
/// [`EventContext::with_trace`] is passed on unchanged.
#[derive(Clone)]
pub struct TracePropagator(Arc<dyn TraceSystem>);

impl TracePropagator {
    /// Creates the connection to a tracing system.
    pub fn new(system: impl TraceSystem) -> Self {
        Self(Arc::new(system))
    }

    /// Calls `visit` with the tracing system of the subscriber to which the span belongs. Returns `None` if the span is
    /// disabled, or if the subscriber contains no propagator.
    pub(super) fn visit<T>(span: &Span, visit: impl FnOnce(&dyn TraceSystem) -> T) -> Option<T> {
        span.with_subscriber(|(_, subscriber)| {
            subscriber.downcast_ref::<Self>().map(|propagator| visit(&*propagator.0))
        })?
    }
}

/// The layer does nothing by itself. It makes the propagator available to spans of the subscriber.
#[cfg(feature = "tracing-subscriber")]
impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for TracePropagator {}

impl fmt::Debug for TracePropagator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TracePropagator").finish_non_exhaustive()
    }
}
