//! A subscriber that keeps its finished spans in memory.

use opentelemetry::trace::{SpanId, SpanKind, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::prelude::*;

/// The finished spans of this thread. The runtime of a test runs all tasks on the thread of the test.
pub struct Spans {
    exporter: InMemorySpanExporter,
    _provider: SdkTracerProvider,
    _guard: DefaultGuard,
}

impl Spans {
    pub fn record() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let subscriber = tracing_subscriber::registry()
            .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("tests")))
            .with(castore_otel::layer());
        Self { exporter, _provider: provider, _guard: tracing::subscriber::set_default(subscriber) }
    }

    pub fn all(&self) -> Vec<SpanData> {
        let mut spans = self.exporter.get_finished_spans().unwrap();
        spans.sort_by_key(|span| span.start_time);
        spans
    }

    /// Returns the spans of a trace that belong to messages and pushes: kind, name, parent and own id.
    pub fn of_trace(&self, trace: &str) -> Vec<(SpanKind, String, SpanId, SpanId)> {
        // The drivers of the database and of the brokers also create spans.
        let names = ["POST /orders", "PLACE_ORDER", "push_event"];
        let is_of_castore =
            |name: &str| names.contains(&name) || name.starts_with("send ") || name.starts_with("process ");
        let spans = self.all().into_iter().filter(|span| span.span_context.trace_id().to_string() == trace);
        spans
            .filter(|span| is_of_castore(&span.name))
            .map(|span| (span.span_kind, span.name.to_string(), span.parent_span_id, span.span_context.span_id()))
            .collect()
    }
}
