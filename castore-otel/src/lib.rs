//! Traces and metrics of [castore](https://docs.rs/castore) in OpenTelemetry. For metrics, see [`OpenTelemetryMeter`].
//!
//! Add [`layer`] to the `tracing` subscriber of the program, together with the layer of `tracing-opentelemetry`:
//!
//! ```
//! use opentelemetry::trace::TracerProvider as _;
//! use opentelemetry_sdk::trace::SdkTracerProvider;
//! use tracing_subscriber::prelude::*;
//!
//! let provider = SdkTracerProvider::builder().build(); // usually with an exporter
//! let subscriber = tracing_subscriber::registry()
//!     .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("shop")))
//!     .with(castore_otel::layer());
//! # let _ = subscriber;
//! ```
//!
//! With these layers, each pushed event is stored with its position in the trace: the ids of the trace and of the
//! current span. All adapters send this position with the messages about the event. The following spans belong to the
//! trace of the event:
//!
//! | span | kind | created by |
//! |---|---|---|
//! | `push_event`, `push_event_group` (level `DEBUG`) | internal | each push |
//! | `send CHANNEL` | producer | each call of a relay. A call with several messages is only linked to their traces |
//! | `process CHANNEL` | consumer | each attempt to handle a message. A replay is only linked to the trace |
//!
//! Except for the pushes, the spans have the level `INFO`. If the subscriber contains a filter, such as `EnvFilter`,
//! the filter must enable this level.
//!
//! The crate uses `opentelemetry` 0.33 and `tracing-opentelemetry` 0.34. A program that uses other versions can
//! implement [`TraceSystem`] itself.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod meter;

use std::collections::HashMap;

use castore_core::context::{EventContext, TraceContext, TracePropagator, TraceSystem};
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

pub use meter::OpenTelemetryMeter;

/// Returns the layer that connects the contexts of events to OpenTelemetry. See the [crate documentation](crate).
pub fn layer() -> TracePropagator {
    TracePropagator::new(OpenTelemetry::default())
}

/// OpenTelemetry as a [`TraceSystem`], for programs that create the [`TracePropagator`] themselves.
#[derive(Debug, Default)]
pub struct OpenTelemetry {
    w3c: TraceContextPropagator,
}

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";

impl OpenTelemetry {
    /// Returns the remote span of a context, or `None` if the context has no valid `traceparent`.
    fn remote(&self, context: &EventContext) -> Option<Context> {
        let headers = [(TRACEPARENT, context.traceparent()), (TRACESTATE, context.tracestate())];
        let headers: HashMap<String, String> =
            headers.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
        let remote = self.w3c.extract_with_context(&Context::new(), &headers);
        remote.span().span_context().is_valid().then_some(remote)
    }
}

impl TraceSystem for OpenTelemetry {
    fn position(&self, span: &Span) -> Option<TraceContext> {
        let mut headers = HashMap::new();
        self.w3c.inject_context(&span.context(), &mut headers);
        let traceparent = headers.remove(TRACEPARENT)?;
        Some(TraceContext::new(traceparent, headers.remove(TRACESTATE).filter(|state| !state.is_empty())))
    }

    fn set_parent(&self, span: &Span, parent: &EventContext) {
        // An error means that the subscriber does not record the span.
        let _ = self.remote(parent).map(|remote| span.set_parent(remote));
    }

    fn add_link(&self, span: &Span, context: &EventContext) {
        if let Some(remote) = self.remote(context) {
            span.add_link(remote.span().span_context().clone());
        }
    }
}
