//! The comparison of events, as exact as the capabilities of the storage allow.

use std::fmt;

use castore_core::storage::{RawEvent, RawEventRef};
use castore_core::time::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Capabilities;

/// A comparable form of a stored event with all its fields. The debug output is short.
#[derive(Clone, PartialEq)]
pub(crate) struct Seen {
    aggregate_id: String,
    version: u64,
    event_type: String,
    timestamp: Timestamp,
    payload: Option<Json>,
    metadata: Option<Json>,
}

impl Seen {
    pub(crate) fn of(event: &RawEvent, capabilities: &Capabilities) -> Self {
        Self::of_ref(event.as_ref(), capabilities)
    }

    pub(crate) fn of_ref(event: RawEventRef<'_>, capabilities: &Capabilities) -> Self {
        let json = |text: Option<&str>| {
            text.filter(|text| !(capabilities.json_null_is_absent && *text == "null"))
                .map(|text| Json::of(text, capabilities))
        };
        Self {
            aggregate_id: event.aggregate_id.to_owned(),
            version: event.version,
            event_type: event.event_type.to_owned(),
            timestamp: event.timestamp,
            payload: json(event.payload),
            metadata: json(event.metadata),
        }
    }

    pub(crate) fn aggregate_id(&self) -> &str {
        &self.aggregate_id
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }
}

pub(crate) fn seen(events: &[RawEvent], capabilities: &Capabilities) -> Vec<Seen> {
    events.iter().map(|event| Seen::of(event, capabilities)).collect()
}

impl fmt::Debug for Seen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} v{} {} at {} payload {} metadata {}",
            short(&self.aggregate_id),
            self.version,
            short(&self.event_type),
            self.timestamp,
            self.payload.as_ref().map_or_else(|| "-".to_owned(), Json::short),
            self.metadata.as_ref().map_or_else(|| "-".to_owned(), Json::short),
        )
    }
}

/// JSON that a storage has returned. It is compared byte for byte or by value.
#[derive(Clone)]
pub(crate) enum Json {
    Text(String),
    Value(Value),
}

impl Json {
    pub(crate) fn of(text: &str, capabilities: &Capabilities) -> Self {
        match serde_json::from_str(text) {
            Ok(value) if !capabilities.json_text => Self::Value(value),
            // Lone surrogates are valid JSON text, but `serde_json::Value` cannot represent them.
            _ => Self::Text(text.to_owned()),
        }
    }

    pub(crate) fn short(&self) -> String {
        match self {
            Self::Text(text) => short(text),
            Self::Value(value) => short(&value.to_string()),
        }
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Value(one), Self::Value(other)) => same_value(one, other),
            _ => false,
        }
    }
}

/// Returns whether two values are equal. Treats `1`, `1.0` and `1e0` as the same number.
fn same_value(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| one == other)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_value(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| same_value(one, other)))
        }
        _ => one == other,
    }
}

/// Returns the beginning of a text, so that failure messages with payloads of 1 MiB stay readable.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{:?}… ({} bytes)", &text[..end], text.len()),
        None => format!("{text:?}"),
    }
}

/// Returns JSON with exactly this text.
pub(crate) fn json(text: impl Into<String>) -> Box<RawValue> {
    let text = text.into();
    RawValue::from_string(text.clone()).unwrap_or_else(|error| panic!("the kit's own JSON {}: {error}", short(&text)))
}
