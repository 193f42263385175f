use std::future::{Future, IntoFuture};
use std::sync::Arc;

use tracing::Span;
use tracing::level_filters::LevelFilter;

use super::propagator::TracePropagator;
use super::{EventContext, TraceContext};
use crate::message::{AnyMessage, ChannelMessage};

tokio::task_local! {
    static CURRENT: Current;
}

/// The current context of a task.
#[derive(Clone)]
enum Current {
    Context(EventContext),
    /// The context of the events that the handler of this message pushes. It is computed only when the handler pushes
    /// an event, because most handlers push none.
    CausedBy(Arc<dyn Cause>),
}

/// A message whose handler may push events.
trait Cause: Send + Sync {
    fn message(&self) -> &dyn AnyMessage;
}

impl<M: ChannelMessage> Cause for M {
    fn message(&self) -> &dyn AnyMessage {
        self.as_message()
    }
}

impl EventContext {
    /// Returns the current context: the context of the surrounding [`scope`](Self::scope) or, in the handler of a
    /// message, the context of the events that the handler pushes. Returns an empty context elsewhere. If the program
    /// has a [`TracePropagator`](super::TracePropagator), the position of the current span replaces the trace of the
    /// context.
    ///
    /// A task that was started with `tokio::spawn` does not inherit the context. To use the context in the task, call
    /// this method before the task is spawned, and [`scope`](Self::scope) within the task.
    pub fn current() -> Self {
        let context = match CURRENT.try_with(Current::clone) {
            Ok(Current::Context(context)) => context,
            Ok(Current::CausedBy(cause)) => caused_by(cause.message()),
            Err(_) => Self::new(),
        };
        match current_trace() {
            Some(trace) => context.with_trace(trace),
            None => context,
        }
    }

    /// Runs a future, or a request such as a push, with this context as the [current](Self::current) context: each event
    /// that the future pushes is stored with this context. An inner `scope` replaces the context as a whole.
    pub async fn scope<F: IntoFuture>(self, future: F) -> F::Output {
        CURRENT.scope(Current::Context(self), future.into_future()).await
    }

    /// Runs a closure with this context as the [current](Self::current) context, for example on another thread: a task
    /// of `tokio::task::spawn_blocking` does not inherit the context.
    pub fn in_scope<T>(self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(Current::Context(self), work)
    }
}

/// Runs the handler of a message in a scope in which pushed events are recorded as caused by the message.
pub(super) async fn scope_of<M: ChannelMessage, F: Future>(message: Arc<M>, handler: F) -> F::Output {
    CURRENT.scope(Current::CausedBy(message), handler).await
}

fn current_trace() -> Option<TraceContext> {
    // Without a subscriber there are no spans. This check is much cheaper than a search for the current span.
    if LevelFilter::current() == LevelFilter::OFF {
        return None;
    }
    let span = Span::current();
    TracePropagator::visit(&span, |system| system.position(&span))?
}

/// Returns the context of events that the handler of a message pushes.
fn caused_by(message: &dyn AnyMessage) -> EventContext {
    let (event_store_id, aggregate_id) = (message.event_store_id(), message.aggregate_id());
    let id = match message.version() {
        Some(version) => format!("{event_store_id}#{aggregate_id}#{version}"),
        None => format!("{event_store_id}#{aggregate_id}"),
    };
    let context = message.event_context();
    let context = if context.correlation_id().is_some() { context } else { context.with_correlation_id(id.clone()) };
    context.with_causation_id(id)
}
