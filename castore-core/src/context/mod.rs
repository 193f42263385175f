//! The context of events: the request and the message that caused an event, and the trace to which the event belongs.
//!
//! The context is stored in the metadata of the event, under the key `castore`, and is sent with each message about the
//! event. While a handler processes a message, the current context is derived from the message. Therefore the events
//! that the handler pushes belong to the same request and the same trace.
//!
//! [`EventContext`] explains how to set and read a context. [`TracePropagator`] connects the contexts to a tracing
//! system such as OpenTelemetry.

mod event_context;
mod metadata;
mod propagator;
mod scope;
mod spans;

pub use event_context::EventContext;
#[doc(hidden)]
pub use metadata::{MetadataParts, join};
pub use propagator::{TraceContext, TracePropagator, TraceSystem};
#[doc(hidden)]
pub use spans::{process, send};
