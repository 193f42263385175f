//! The spans of messages. They follow the conventions of OpenTelemetry for messaging.

use std::future::Future;
use std::sync::Arc;

use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::EventContext;
use super::propagator::TracePropagator;
use super::scope::scope_of;
use crate::consumer::HandlerError;
use crate::message::ChannelMessage;

/// Runs the handler of a message in the context of the message, and in a span of the trace to which the message
/// belongs. The span of a replayed message begins another trace, and is linked to the original trace.
pub async fn process<M: ChannelMessage>(
    message_channel_id: &'static str,
    message: &Arc<M>,
    attempt: u32,
    replay: bool,
    handler: impl Future<Output = Result<(), HandlerError>>,
) -> Result<(), HandlerError> {
    let handler = scope_of(Arc::clone(message), handler);
    let about = message.as_message();
    let span = tracing::info_span!(
        "process",
        otel.name = Empty,
        otel.kind = "consumer",
        otel.status_code = Empty,
        error.type = Empty,
        messaging.operation.name = "process",
        messaging.operation.type = "process",
        messaging.destination.name = message_channel_id,
        messaging.message.conversation_id = Empty,
        event_store = about.event_store_id(),
        aggregate_id = Empty,
        version = about.version(),
        event_type = about.event_type(),
        attempt,
        replay,
    );
    if span.is_disabled() {
        return handler.await;
    }
    let context = about.event_context();
    span.record("otel.name", format_args!("process {message_channel_id}"));
    span.record("aggregate_id", about.aggregate_id());
    if let Some(id) = context.correlation_id() {
        span.record("messaging.message.conversation_id", id);
    }
    if !context.is_empty() {
        TracePropagator::visit(&span, |system| match replay {
            true => system.add_link(&span, &context),
            false => system.set_parent(&span, &context),
        });
    }
    let handled = handler.instrument(span.clone()).await;
    if let Err(error) = &handled {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", tracing::field::debug(error.action()));
    }
    handled
}

/// Returns the span in which a relay sends messages on a channel. The span of a single message continues the trace of
/// the message's event. The span of several messages is linked to the traces of their events.
pub fn send(message_channel_id: &'static str, messages: usize, contexts: impl Iterator<Item = EventContext>) -> Span {
    let span = tracing::info_span!(
        "send",
        otel.name = Empty,
        otel.kind = "producer",
        messaging.operation.name = "send",
        messaging.operation.type = "send",
        messaging.destination.name = message_channel_id,
        messaging.batch.message_count = messages,
    );
    if !span.is_disabled() {
        span.record("otel.name", format_args!("send {message_channel_id}"));
        TracePropagator::visit(&span, |system| {
            for context in contexts.filter(|context| !context.is_empty()) {
                match messages {
                    1 => system.set_parent(&span, &context),
                    _ => system.add_link(&span, &context),
                }
            }
        });
    }
    span
}
