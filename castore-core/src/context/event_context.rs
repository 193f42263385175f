use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::metadata::KEY;
use super::propagator::TraceContext;

/// The cause of an event: the request and the message that led to the event, and the trace to which the event belongs.
///
/// Each pushed event is stored with the [current](Self::current) context, unless
/// [`NewEvent::context`](crate::event::NewEvent::context) sets another one. In the handler of a message, the current
/// context is derived from the message, so the handler need not set it. In other code, set the context with
/// [`scope`](Self::scope), for example once per request in a middleware of the web server:
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use castore::context::EventContext;
///
/// let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
/// let appeared = PokemonEvent::Appeared { name: "Pikachu".into(), level: 5 };
///
/// let request = EventContext::correlated("request-42");
/// request.scope(pokemons.push_event(NewEvent::new("pikachu1", 1, appeared))).await?;
///
/// let events = pokemons.get_events("pikachu1").await?;
/// assert_eq!(events[0].context.correlation_id(), Some("request-42"));
/// # Ok(())
/// # }
/// ```
///
/// The context is stored in the metadata of the event, under the key `castore`, for example
/// `{"user": "ada", "castore": {"correlationId": "request-42"}}`. The key is removed before the metadata is
/// deserialized as the metadata type of the event store. A TypeScript program reads the correlation id as
/// `event.metadata?.castore?.correlationId`. If the metadata is a JSON value other than an object, or if it already has
/// this key, the event is stored without the context.
///
/// A clone is cheap, because clones share their fields.
#[derive(Clone, Default)]
pub struct EventContext(Option<Arc<Shared>>);

#[derive(Default)]
struct Shared {
    fields: Fields,
    /// Metadata that contains only this context. It is serialized once and then reused, because a request may push many
    /// events.
    metadata: OnceLock<Box<RawValue>>,
}

impl Clone for Shared {
    fn clone(&self) -> Self {
        Self::from(self.fields.clone())
    }
}

impl From<Fields> for Shared {
    fn from(fields: Fields) -> Self {
        Self { fields, metadata: OnceLock::new() }
    }
}

/// The stored form of a context.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    correlation_id: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    causation_id: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    traceparent: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracestate: Option<Box<str>>,
}

impl EventContext {
    /// Creates an empty context.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a context with a correlation id, for example the id of an HTTP request.
    pub fn correlated(id: impl Into<String>) -> Self {
        Self::new().with_correlation_id(id)
    }

    fn from_fields(fields: Fields) -> Self {
        if fields == Fields::default() { Self::new() } else { Self(Some(Arc::new(fields.into()))) }
    }

    /// Sets the [correlation id](Self::correlation_id). Defaults to none.
    #[must_use]
    pub fn with_correlation_id(self, id: impl Into<String>) -> Self {
        self.change(|fields| fields.correlation_id = Some(id.into().into()))
    }

    /// Sets the [causation id](Self::causation_id). Defaults to none.
    #[must_use]
    pub fn with_causation_id(self, id: impl Into<String>) -> Self {
        self.change(|fields| fields.causation_id = Some(id.into().into()))
    }

    /// Sets the [`traceparent`](Self::traceparent) and the [`tracestate`](Self::tracestate), for example from the
    /// headers of an HTTP request. If an event is pushed in a span of a tracing system, it gets the `traceparent` and
    /// the `tracestate` of this span instead: see [`current`](Self::current).
    #[must_use]
    pub fn with_trace(self, trace: impl Into<TraceContext>) -> Self {
        let TraceContext { traceparent, tracestate } = trace.into();
        self.change(|fields| {
            fields.traceparent = Some(traceparent.into());
            fields.tracestate = tracestate.map(Into::into);
        })
    }

    /// Returns the correlation id, which is the same for all events that result from one request. `None` if no id was
    /// set, and no handler pushed the event.
    ///
    /// For events that were pushed by the handler of a message without a correlation id, this is the identifier of that
    /// message, in the same form as the [causation id](Self::causation_id).
    pub fn correlation_id(&self) -> Option<&str> {
        self.fields()?.correlation_id.as_deref()
    }

    /// Returns the identifier of the message whose handler pushed the event: the event store id, the aggregate id and
    /// the version, joined by `#`, for example `ORDERS#order-7#2`. The version is missing if the message contains no
    /// event, for example `ORDERS#order-7`. `None` if no id was set, and no handler pushed the event.
    pub fn causation_id(&self) -> Option<&str> {
        self.fields()?.causation_id.as_deref()
    }

    /// Returns the ids of the trace and of the span in which the event was pushed, in the form of the [W3C header
    /// `traceparent`](https://www.w3.org/TR/trace-context/#traceparent-header). `None` if the event was pushed without
    /// a trace.
    pub fn traceparent(&self) -> Option<&str> {
        self.fields()?.traceparent.as_deref()
    }

    /// Returns the data that tracing systems add to the trace, in the form of the [W3C header
    /// `tracestate`](https://www.w3.org/TR/trace-context/#tracestate-header). `None` if there is no such data.
    pub fn tracestate(&self) -> Option<&str> {
        self.fields()?.tracestate.as_deref()
    }

    /// Returns whether the context contains neither an id nor trace data.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the context as headers of a message, under the names that all adapters use: `traceparent`, `tracestate`,
    /// `Castore-Correlation-Id` and `Castore-Causation-Id`. This method is for authors of adapters.
    ///
    /// A value is omitted if it contains characters other than visible ASCII characters and spaces, because many
    /// brokers reject such headers. The body of the message still contains the value.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("traceparent", self.traceparent()),
            ("tracestate", self.tracestate()),
            ("Castore-Correlation-Id", self.correlation_id()),
            ("Castore-Causation-Id", self.causation_id()),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.filter(|value| is_header_value(value)).map(|value| (name, value)))
    }

    /// Returns metadata that contains only this context, or `None` if the context is empty.
    #[inline]
    pub(super) fn as_metadata(&self) -> Option<&RawValue> {
        let shared = self.0.as_deref()?;
        if shared.metadata.get().is_none() {
            // Serializing strings to JSON never fails.
            let written = to_raw_value(&BTreeMap::from([(KEY, &shared.fields)])).ok()?;
            let _ = shared.metadata.set(written);
        }
        shared.metadata.get().map(|metadata| &**metadata)
    }

    fn fields(&self) -> Option<&Fields> {
        self.0.as_deref().map(|shared| &shared.fields)
    }

    fn change(mut self, change: impl FnOnce(&mut Fields)) -> Self {
        let shared = Arc::make_mut(self.0.get_or_insert_default());
        change(&mut shared.fields);
        shared.metadata = OnceLock::new();
        self
    }
}

impl PartialEq for EventContext {
    fn eq(&self, other: &Self) -> bool {
        self.fields() == other.fields()
    }
}

impl Eq for EventContext {}

/// The JSON object `{"correlationId"?, "causationId"?, "traceparent"?, "tracestate"?}`.
impl Serialize for EventContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.fields() {
            Some(fields) => fields.serialize(serializer),
            None => Fields::default().serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for EventContext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Fields::deserialize(deserializer).map(Self::from_fields)
    }
}

fn is_header_value(value: &str) -> bool {
    !value.is_empty() && value.trim() == value && value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

impl fmt::Debug for EventContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventContext")
            .field("correlation_id", &self.correlation_id())
            .field("causation_id", &self.causation_id())
            .field("traceparent", &self.traceparent())
            .field("tracestate", &self.tracestate())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_context_has_no_fields() {
        assert!(EventContext::new().is_empty());
        assert!(EventContext::from_fields(Fields::default()).is_empty());
        assert_eq!(EventContext::new().headers().count(), 0);
    }

    #[test]
    fn headers_leave_out_what_brokers_reject() {
        let context = EventContext::correlated("größe").with_causation_id("a b").with_trace("x\r\ny: z");
        let headers: Vec<_> = context.headers().collect();
        assert_eq!(headers, [("Castore-Causation-Id", "a b")]);
    }

    #[test]
    fn changing_a_clone_leaves_the_original() {
        let original = EventContext::correlated("a");
        let changed = original.clone().with_correlation_id("b");
        assert_eq!((original.correlation_id(), changed.correlation_id()), (Some("a"), Some("b")));
    }
}
