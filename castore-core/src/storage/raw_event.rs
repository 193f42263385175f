use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::value::RawValue;

use crate::time::Timestamp;

/// An event as an event storage adapter keeps it: the types of its event store are erased, payload and metadata are
/// JSON text.
#[derive(Clone)]
pub struct RawEvent {
    /// The id of the aggregate, as text.
    pub aggregate_id: String,
    /// The version that this event gives the aggregate, from 1.
    pub version: u64,
    /// The name of the event type.
    pub event_type: Cow<'static, str>,
    /// When it happened.
    pub timestamp: Timestamp,
    /// The payload; `None` for event types without payload. (`Some` of the JSON `null` is something else.)
    pub payload: Option<Box<RawValue>>,
    /// The metadata, if there is any.
    pub metadata: Option<Box<RawValue>>,
}

impl RawEvent {
    /// A view of this event.
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
}

impl fmt::Debug for RawEvent {
    /// Without payload and metadata, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(formatter)
    }
}

/// A stored event that is borrowed from where the adapter found it, so that reading need not copy it.
#[derive(Clone, Copy)]
pub struct RawEventRef<'a> {
    /// The id of the aggregate, as text.
    pub aggregate_id: &'a str,
    /// The version that this event gives the aggregate, from 1.
    pub version: u64,
    /// The name of the event type.
    pub event_type: &'a str,
    /// When it happened.
    pub timestamp: Timestamp,
    /// The payload's JSON text.
    pub payload: Option<&'a str>,
    /// The metadata's JSON text.
    pub metadata: Option<&'a str>,
    /// Where an adapter that keeps events in memory lets the event store keep the decoded event. Others say `None`.
    pub decoded: Option<&'a DecodedCache>,
}

impl fmt::Debug for RawEventRef<'_> {
    /// Without payload and metadata, which may be private.
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

/// Keeps an event decoded beside its stored JSON, so that an adapter in memory decodes each event once only.
///
/// What is kept is always decoded from the JSON, never the value that was pushed: a payload that does not survive
/// the way through JSON shows it in memory as on disk.
#[derive(Default)]
pub struct DecodedCache(OnceLock<Arc<dyn Any + Send + Sync>>);

impl DecodedCache {
    /// The decoded event, if it was decoded to this type.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.get().and_then(|decoded| decoded.downcast_ref())
    }

    /// Stores the decoded event, unless one is stored already.
    pub fn set<T: Any + Send + Sync>(&self, decoded: T) {
        // A second reader may have been faster; both decoded the same JSON.
        let _ = self.0.set(Arc::new(decoded));
    }
}

impl fmt::Debug for DecodedCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DecodedCache").finish_non_exhaustive()
    }
}
