use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::value::RawValue;

use crate::context::{EventContext, MetadataParts};
use crate::time::Timestamp;

/// An event as storage adapters see it: without the types of the event store, and with the payload and the metadata as
/// JSON text.
#[derive(Clone)]
pub struct RawEvent {
    /// The id of the aggregate, as text.
    pub aggregate_id: String,
    /// The version of the aggregate after this event, from 1.
    pub version: u64,
    /// The name of the event type.
    pub event_type: Cow<'static, str>,
    /// The time of the event.
    pub timestamp: Timestamp,
    /// The payload, or `None` for event types without payload. The JSON `null` is a payload.
    pub payload: Option<Box<RawValue>>,
    /// The metadata, if there is any.
    pub metadata: Option<Box<RawValue>>,
}

impl RawEvent {
    /// Returns a borrowed view of this event.
    pub fn as_ref(&self) -> RawEventRef<'_> {
        RawEventRef {
            aggregate_id: &self.aggregate_id,
            version: self.version,
            event_type: &self.event_type,
            timestamp: self.timestamp,
            payload: self.payload.as_deref().map(RawValue::get),
            metadata: self.metadata.as_deref().map(RawValue::get),
            decoded: None,
        }
    }

    /// Returns the context of the event, which is stored in the metadata. The context is empty if the event was stored
    /// without one.
    pub fn context(&self) -> EventContext {
        MetadataParts::of(self.metadata.as_deref().map(RawValue::get)).context
    }
}

impl fmt::Debug for RawEvent {
    /// Omits payload and metadata, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(formatter)
    }
}

/// A borrowed view of a stored event, which avoids copying the event when it is read.
#[derive(Clone, Copy)]
pub struct RawEventRef<'a> {
    /// The id of the aggregate, as text.
    pub aggregate_id: &'a str,
    /// The version of the aggregate after this event, from 1.
    pub version: u64,
    /// The name of the event type.
    pub event_type: &'a str,
    /// The time of the event.
    pub timestamp: Timestamp,
    /// The JSON text of the payload, or `None` for event types without payload.
    pub payload: Option<&'a str>,
    /// The JSON text of the metadata, if there is any.
    pub metadata: Option<&'a str>,
    /// A cache in which the event store keeps the decoded event, for adapters that keep events in memory. `None` for
    /// other adapters.
    pub decoded: Option<&'a DecodedCache>,
}

impl fmt::Debug for RawEventRef<'_> {
    /// Omits payload and metadata, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RawEvent")
            .field("aggregate_id", &self.aggregate_id)
            .field("version", &self.version)
            .field("event_type", &self.event_type)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

/// A cache of a decoded event, stored together with its JSON, so that an in-memory adapter decodes each event only
/// once.
///
/// The cached value is always decoded from the JSON and never the value that was pushed. Thus a payload that changes in
/// the conversion to JSON behaves the same in memory and on disk.
#[derive(Default)]
pub struct DecodedCache(OnceLock<Arc<dyn Any + Send + Sync>>);

impl DecodedCache {
    /// Returns the decoded event, or `None` if the cache is empty or contains an event of another type.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.get().and_then(|decoded| decoded.downcast_ref())
    }

    /// Stores the decoded event, unless the cache already contains one.
    pub fn set<T: Any + Send + Sync>(&self, decoded: T) {
        // Another reader may have been faster. Both have decoded the same JSON.
        let _ = self.0.set(Arc::new(decoded));
    }
}

impl fmt::Debug for DecodedCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DecodedCache").finish_non_exhaustive()
    }
}
