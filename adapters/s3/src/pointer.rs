//! Pointers, which are sent to the broker instead of large messages.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Written<'a> {
    #[serde(rename = "messageUrl")]
    message_url: &'a str,
}

#[derive(Deserialize)]
struct Read<'a> {
    #[serde(rename = "messageUrl", borrow)]
    message_url: Cow<'a, str>,
    /// A field that every message has. Pointers do not have this field.
    #[serde(rename = "eventStoreId", default)]
    event_store_id: Option<IgnoredAny>,
}

/// Returns a pointer with the given URL as JSON.
pub(crate) fn write(message_url: &str) -> serde_json::Result<String> {
    serde_json::to_string(&Written { message_url })
}

/// Returns the URL in a pointer, or `None` if the JSON is not a pointer.
pub(crate) fn read(json: &str) -> Option<String> {
    // The derived `Deserialize` would also accept an array.
    if !json.trim_start().starts_with('{') {
        return None;
    }
    let read: Read<'_> = serde_json::from_str(json).ok()?;
    if read.event_store_id.is_some() { None } else { Some(read.message_url.into_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointer_has_the_format_of_the_original() {
        assert_eq!(write("https://a/b?c=d&e=%2F").unwrap(), r#"{"messageUrl":"https://a/b?c=d&e=%2F"}"#);
        assert_eq!(read(r#" { "messageUrl" : "https:\/\/a" , "more": [1] } "#).as_deref(), Some("https://a"));
    }

    #[test]
    fn other_json_is_not_a_pointer() {
        for json in [
            r#"{"eventStoreId":"POKEMONS","event":{"aggregateId":"a","version":1,"type":"T","timestamp":"t"}}"#,
            r#"{"eventStoreId":"POKEMONS","messageUrl":"https://a"}"#,
            r#"{"messageUrl":5}"#,
            r#"{"messageUrl":null}"#,
            r#"["https://a",null]"#,
            r#""https://a""#,
            "{}",
            "https://a",
            "",
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
