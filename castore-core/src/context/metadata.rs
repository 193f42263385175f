//! The context inside of the metadata of an event.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::EventContext;
use crate::json::RawObject;

/// The key of the context in the metadata.
pub(super) const KEY: &str = "castore";
const QUOTED_KEY: &str = "\"castore\"";
/// An entry of the stored context, which states that the metadata is an empty object. Without this entry, an event with
/// a context and with metadata `{}` would be read as an event without metadata.
const EMPTY_METADATA: &str = "\"emptyMetadata\":true";

/// Returns the metadata together with the context. The context is omitted if the metadata is a value other than an
/// object or `null`, or already has the key `castore`.
#[doc(hidden)]
#[inline]
pub fn join(metadata: Option<Box<RawValue>>, context: &EventContext) -> Option<Box<RawValue>> {
    // Inlined, because many programs use no context, and push many events.
    match context.as_metadata() {
        Some(alone) => join_stored(metadata, alone),
        None => metadata,
    }
}

fn join_stored(metadata: Option<Box<RawValue>>, alone: &RawValue) -> Option<Box<RawValue>> {
    let text = match metadata.as_deref().map(|metadata| metadata.get().trim_ascii()) {
        None | Some("null") => return Some(alone.to_owned()),
        Some(text) => text,
    };
    match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(entries) if entries.trim_ascii().is_empty() => {
            let entries = alone.get().strip_suffix("}}")?;
            RawValue::from_string(format!("{entries},{EMPTY_METADATA}}}}}")).ok()
        }
        Some(entries) if !has_key(text) => {
            let joined = format!("{{{entries},{}", &alone.get()[1..]);
            RawValue::from_string(joined).ok().or(metadata)
        }
        _ => metadata,
    }
}

fn has_key(metadata: &str) -> bool {
    metadata.contains(QUOTED_KEY)
        && serde_json::from_str::<RawObject<'_>>(metadata).is_ok_and(|object| object.get(KEY).is_some())
}

/// The metadata of an event, split into the context and the metadata for the type of the event store.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct MetadataParts<'a> {
    /// The context, which is empty if the metadata contains none.
    pub context: EventContext,
    /// The metadata without the context, or `None` if the metadata contained only the context.
    pub metadata: Option<Cow<'a, str>>,
}

impl<'a> MetadataParts<'a> {
    /// Splits metadata. If the value of the key `castore` does not have the form of a context, the key belongs to the
    /// user, and the metadata is not changed.
    #[inline]
    pub fn of(metadata: Option<&'a str>) -> Self {
        // Inlined, because most events have no metadata, and programs decode many events.
        metadata.map_or_else(Self::default, Self::of_text)
    }

    fn of_text(text: &'a str) -> Self {
        // Most metadata contains no context, and need not be parsed here.
        if text.contains(QUOTED_KEY)
            && let Some(parts) = Self::split(text)
        {
            return parts;
        }
        Self { context: EventContext::new(), metadata: Some(Cow::Borrowed(text)) }
    }

    fn split(text: &str) -> Option<Self> {
        let RawObject(mut entries) = serde_json::from_str(text).ok()?;
        let index = entries.iter().position(|(key, _)| key == KEY)?;
        let (_, stored) = entries.remove(index);
        let context = serde_json::from_str::<EventContext>(stored.get()).ok()?;
        if context.is_empty() {
            return None;
        }
        if entries.is_empty() {
            let is_empty_object = serde_json::from_str(stored.get()).is_ok_and(|marker: Marker| marker.empty_metadata);
            return Some(Self { context, metadata: is_empty_object.then_some(Cow::Borrowed("{}")) });
        }
        let mut rest = String::with_capacity(text.len());
        for (key, value) in entries {
            rest.push(if rest.is_empty() { '{' } else { ',' });
            rest.push_str(&serde_json::to_string(&key).ok()?);
            rest.push(':');
            rest.push_str(value.get());
        }
        rest.push('}');
        Some(Self { context, metadata: Some(Cow::Owned(rest)) })
    }
}

/// The entry [`EMPTY_METADATA`] of a stored context.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marker {
    #[serde(default)]
    empty_metadata: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(metadata: Option<&str>) -> Option<String> {
        let metadata = metadata.map(|text| RawValue::from_string(text.to_owned()).unwrap());
        join(metadata, &EventContext::correlated("r")).map(|joined| joined.get().to_owned())
    }

    fn split(text: &str) -> (Option<String>, Option<String>) {
        let MetadataParts { context, metadata } = MetadataParts::of(Some(text));
        (context.correlation_id().map(ToOwned::to_owned), metadata.map(Cow::into_owned))
    }

    const CONTEXT: &str = r#"{"castore":{"correlationId":"r"}}"#;

    #[test]
    fn a_context_is_added_to_objects() {
        for none in [None, Some("null")] {
            assert_eq!(joined(none).as_deref(), Some(CONTEXT), "{none:?}");
        }
        let with = r#"{"user":"ada","castore":{"correlationId":"r"}}"#;
        assert_eq!(joined(Some(r#"{"user":"ada"}"#)).as_deref(), Some(with));
        let nested = r#"{"a":{"castore":1},"castore":{"correlationId":"r"}}"#;
        assert_eq!(joined(Some(r#"{"a":{"castore":1}}"#)).as_deref(), Some(nested));
    }

    #[test]
    fn empty_metadata_is_not_lost() {
        let stored = r#"{"castore":{"correlationId":"r","emptyMetadata":true}}"#;
        for empty in ["{}", " { } "] {
            assert_eq!(joined(Some(empty)).as_deref(), Some(stored), "{empty:?}");
        }
        assert_eq!(split(stored), (Some("r".to_owned()), Some("{}".to_owned())));
        assert_eq!(split(CONTEXT), (Some("r".to_owned()), None));
    }

    #[test]
    fn other_metadata_stays_as_it_is() {
        for text in ["5", "[1]", r#""text""#, r#"{"castore":"theirs"}"#] {
            assert_eq!(joined(Some(text)).as_deref(), Some(text));
            assert_eq!(split(text), (None, Some(text.to_owned())));
        }
        // Metadata that contains the text `"castore"`, but no context.
        for text in [r#"{"castore":{"other":1}}"#, r#"{"castore":{"correlationId":1}}"#, r#"{"a":"\"castore\""}"#] {
            assert_eq!(split(text), (None, Some(text.to_owned())));
        }
    }

    #[test]
    fn splitting_keeps_the_text_of_values() {
        assert_eq!(split(CONTEXT), (Some("r".to_owned()), None));
        let text = r#"{ "a" : 1.50e2 , "castore":{"correlationId":"r","later":true}, "b\n":[ 1,2 ] }"#;
        assert_eq!(split(text), (Some("r".to_owned()), Some(r#"{"a":1.50e2,"b\n":[ 1,2 ]}"#.to_owned())));
    }

    #[test]
    fn an_empty_context_changes_nothing() {
        let metadata = RawValue::from_string("{\"a\":1}".to_owned()).unwrap();
        let joined = join(Some(metadata), &EventContext::new()).unwrap();
        assert_eq!(joined.get(), "{\"a\":1}");
    }
}
