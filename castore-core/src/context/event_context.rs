use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use serde_json::value::{RawValue, to_raw_value};

use super::metadata::KEY;
use super::propagator::TraceContext;

/// The cause of an event: the request and the message that led to it, and the trace to which it belongs.
///
/// An event gets the [current](Self::current) context when it is pushed. In the handler of a message, this is the
/// context of the message, so a handler need not do anything. In other code, use [`scope`](Self::scope), for example
/// once in a middleware of the web server:
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
/// request.scope(async { pokemons.push_event(NewEvent::new("pikachu1", 1, appeared)).await }).await?;
///
/// let events = pokemons.get_events("pikachu1").await?;
/// assert_eq!(events[0].context.correlation_id(), Some("request-42"));
/// # Ok(())
/// # }
/// ```
///
/// The context is stored in the metadata of the event, under the key `castore`, for example
/// `{"user": "ada", "castore": {"correlationId": "request-42"}}`. The metadata type of the event store does not see
/// this key. A TypeScript program reads it as `event.metadata?.castore?.correlationId`. Metadata that is not a JSON
/// object, or that already has this key, is stored without the context.
///
/// A clone is cheap, because clones share their fields.
#[derive(Clone, Default)]
pub struct EventContext(Option<Arc<Shared>>);

#[derive(Default)]
struct Shared {
    fields: Fields,
    /// Metadata that contains only this context. It is written once, because a request may push many events.
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

    /// Sets the [correlation id](Self::correlation_id).
    #[must_use]
    pub fn with_correlation_id(self, id: impl Into<String>) -> Self {
        self.change(|fields| fields.correlation_id = Some(id.into().into()))
    }

    /// Sets the [causation id](Self::causation_id).
    #[must_use]
    pub fn with_causation_id(self, id: impl Into<String>) -> Self {
        self.change(|fields| fields.causation_id = Some(id.into().into()))
    }

    /// Sets the [`traceparent`](Self::traceparent) and the [`tracestate`](Self::tracestate), for example from the
    /// headers of an HTTP request.
    #[must_use]
    pub fn with_trace(self, trace: impl Into<TraceContext>) -> Self {
        let TraceContext { traceparent, tracestate } = trace.into();
        self.change(|fields| {
            fields.traceparent = Some(traceparent.into());
            fields.tracestate = tracestate.map(Into::into);
        })
    }

    /// Returns the correlation id, which is the same for all events that resulted from one request.
    ///
    /// For events that were pushed by the handler of a message without a correlation id, this is the identifier of that
    /// message, in the same form as the [causation id](Self::causation_id).
    pub fn correlation_id(&self) -> Option<&str> {
        self.fields()?.correlation_id.as_deref()
    }

    /// Returns the identifier of the message whose handler pushed the event: the event store id, the aggregate id and
    /// the version, joined by `#`, for example `ORDERS#order-7#2`. `None` if no handler pushed the event.
    pub fn causation_id(&self) -> Option<&str> {
        self.fields()?.causation_id.as_deref()
    }

    /// Returns the trace and the span in which the event was pushed, in the form of the [W3C header
    /// `traceparent`](https://www.w3.org/TR/trace-context/#traceparent-header).
    pub fn traceparent(&self) -> Option<&str> {
        self.fields()?.traceparent.as_deref()
    }

    /// Returns the data that tracing systems add to the trace, in the form of the [W3C header
    /// `tracestate`](https://www.w3.org/TR/trace-context/#tracestate-header).
    pub fn tracestate(&self) -> Option<&str> {
        self.fields()?.tracestate.as_deref()
    }

    /// Returns whether the context has no content.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the context as headers of a message, under the names that all adapters use: `traceparent`, `tracestate`,
    /// `Castore-Correlation-Id` and `Castore-Causation-Id`. For authors of adapters.
    ///
    /// Values that contain other characters than visible ASCII characters and spaces are left out, because many brokers
    /// reject such headers. The body of the message contains these values, too.
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
    pub(super) fn as_metadata(&self) -> Option<&RawValue> {
        let shared = self.0.as_deref()?;
        if shared.metadata.get().is_none() {
            // Texts can always be written as JSON.
            let written = to_raw_value(&[(KEY, &shared.fields)].into_iter().collect::<BTreeMap<_, _>>()).ok()?;
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
