use std::fmt;
use std::sync::Arc;

use tracing::Span;

use super::EventContext;

/// A position in a trace, in the form of the W3C headers `traceparent` and `tracestate`. To create a position without a
/// `tracestate`, convert the text of a `traceparent` header with `into()`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceContext {
    /// The version, the ids of the trace and the span, and the flags, for example
    /// `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`.
    pub traceparent: String,
    /// The data that tracing systems add to the trace, if there is any.
    pub tracestate: Option<String>,
}

impl TraceContext {
    /// Creates a position in a trace. The texts are not validated.
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
/// implements this trait for OpenTelemetry.
pub trait TraceSystem: Send + Sync + 'static {
    /// Returns the position of a span in its trace, or `None` if the tracing system does not record the span.
    fn position(&self, span: &Span) -> Option<TraceContext>;

    /// Makes a new span a child of the span in `parent`. Does nothing if `parent` contains no valid `traceparent`.
    fn set_parent(&self, span: &Span, parent: &EventContext);

    /// Links a new span to the span in `context`, which belongs to another trace or is one of several causes. Does
    /// nothing if `context` contains no valid `traceparent`.
    fn add_link(&self, span: &Span, context: &EventContext);
}

/// A layer of the program's `tracing` subscriber that connects the contexts of events to a tracing system. The layer is
/// not global state: it does not affect events that are pushed under another subscriber.
///
/// The subscriber must contain this layer and the layer of the tracing system. For OpenTelemetry, `castore_otel::layer`
/// returns a propagator. The documentation of `castore-otel` contains an example.
///
/// Without a propagator, correlation ids and causation ids still work. A `traceparent` that the program sets with
/// [`EventContext::with_trace`] is then stored and sent unchanged.
#[derive(Clone)]
pub struct TracePropagator(Arc<dyn TraceSystem>);

impl TracePropagator {
    /// Creates a layer that uses this tracing system.
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
