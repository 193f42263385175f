use std::fmt;

use super::depth::{READABLE_DEPTH, is_too_deep};

/// The reason why a JSON text cannot be read as the declared type. The reason contains only names that the program
/// declares and positions in the text, and no part of the text itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonMismatch {
    /// The reason, for example "missing field `level`" or "found a string, expected u32".
    pub reason: Box<str>,
    /// The line in the text, beginning with 1, or 0 if the line is unknown or there is no text.
    pub line: usize,
    /// The column in the line, if the line is known.
    pub column: usize,
}

impl fmt::Display for JsonMismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.reason)?;
        match self.line {
            0 => Ok(()),
            line => write!(formatter, ", line {line}, column {}", self.column),
        }
    }
}

impl std::error::Error for JsonMismatch {}

impl JsonMismatch {
    /// Creates the reason from an error, without parts of the JSON text.
    pub fn of(error: &serde_json::Error) -> Self {
        let reason = match error.classify() {
            _ if is_too_deep(error) => format!("nested deeper than {READABLE_DEPTH} levels"),
            serde_json::error::Category::Data => reason(&error.to_string()),
            serde_json::error::Category::Eof => "the JSON ends early".to_owned(),
            serde_json::error::Category::Syntax => "not valid JSON".to_owned(),
            serde_json::error::Category::Io => "not readable".to_owned(),
        };
        Self { reason: reason.into(), line: error.line(), column: error.column() }
    }
}

/// The reason for all error texts that do not have one of the known forms. Such texts may contain input, because errors
/// of `Deserialize` impls often quote their input.
const OTHER: &str = "not of the declared shape";

/// Returns only those parts of a serde error text that come from the program and not from the input. Serde's texts have
/// fixed forms. If a text contains input and an expectation, the input is in the middle and the expectation at the end.
fn reason(text: &str) -> String {
    let text = text.rfind(" at line ").map_or(text, |end| &text[..end]);
    known(text).unwrap_or_else(|| OTHER.to_owned())
}

fn known(text: &str) -> Option<String> {
    for prefix in ["missing field `", "duplicate field `"] {
        if let Some(name) = text.strip_prefix(prefix) {
            let is_one_name = name.strip_suffix('`').is_some_and(|name| !name.contains('`'));
            return is_one_name.then(|| text.to_owned());
        }
    }
    if let Some(name) = text.strip_prefix("data did not match any variant of untagged enum ") {
        return is_identifier(name).then(|| text.to_owned());
    }
    let expected = text.rfind(", expected ").map(|at| &text[at + 2..]);
    if let Some(found) = text.strip_prefix("invalid type: ") {
        return Some(format!("found {}, {}", kind(found)?, expected?));
    }
    if let Some(found) = text.strip_prefix("invalid value: ") {
        return Some(format!("found {} that is not allowed, {}", kind(found)?, expected?));
    }
    for (prefix, shown) in [
        ("invalid length ", "invalid length"),
        ("unknown variant `", "unknown variant"),
        ("unknown field `", "unknown field"),
    ] {
        if text.starts_with(prefix) {
            return Some(format!("{shown}, {}", expected?));
        }
    }
    None
}

/// Returns the kind of a value from its description in a serde error text.
fn kind(found: &str) -> Option<&'static str> {
    const KINDS: [(&str, &str); 16] = [
        ("boolean `", "a boolean"),
        ("integer `", "an integer"),
        ("floating point `", "a floating point number"),
        ("character `", "a character"),
        ("string \"", "a string"),
        ("byte array", "bytes"),
        ("unit value", "null"),
        ("null", "null"),
        ("Option value", "an optional value"),
        ("newtype struct", "a newtype struct"),
        ("sequence", "an array"),
        ("map", "an object"),
        ("enum", "an enum"),
        ("unit variant", "a unit variant"),
        ("newtype variant", "a newtype variant"),
        ("struct variant", "a struct variant"),
    ];
    KINDS.iter().find(|(prefix, _)| found.starts_with(prefix)).map(|(_, kind)| *kind)
}

fn is_identifier(name: &str) -> bool {
    name.chars().all(|character| character.is_alphanumeric() || character == '_')
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Pokemon {
        level: u8,
        kind: Option<Kind>,
        #[serde(default)]
        pair: Option<(u8, u8)>,
    }

    #[derive(Debug, Deserialize)]
    enum Kind {
        Fire,
        Water,
    }

    fn mismatch(json: &str) -> JsonMismatch {
        JsonMismatch::of(&serde_json::from_str::<Pokemon>(json).unwrap_err())
    }

    #[test]
    fn reasons_name_declarations() {
        for (json, reason) in [
            ("{}", "missing field `level`"),
            (r#"{"level":1,"level":2}"#, "duplicate field `level`"),
            (r#"{"level":"s3cr3t, expected s3cr3t"}"#, "found a string, expected u8"),
            (r#"{"level":98765}"#, "found an integer that is not allowed, expected u8"),
            (r#"{"level":1.5}"#, "found a floating point number, expected u8"),
            (r#"{"level":null}"#, "found null, expected u8"),
            (r#"{"level":[98765]}"#, "found an array, expected u8"),
            (r#"{"level":1,"kind":"s3cr3t"}"#, "unknown variant, expected `Fire` or `Water`"),
            (r#"{"level":1,"s3cr3t":1}"#, "unknown field, expected one of `level`, `kind`, `pair`"),
            (r#"{"level":1,"pair":[1]}"#, "invalid length, expected a tuple of size 2"),
            (r#"{"level":1"#, "the JSON ends early"),
            ("s3cr3t", "not valid JSON"),
        ] {
            assert_eq!(&*mismatch(json).reason, reason, "{json}");
        }
    }

    #[test]
    fn texts_of_other_errors_are_not_shown() {
        use serde::de::Error;
        for text in ["s3cr3t", "missing field `s3cr3t` and `s3cr3t`", "invalid type: s3cr3t, expected nothing"] {
            let error = serde_json::Error::custom(text);
            assert_eq!(&*JsonMismatch::of(&error).reason, OTHER, "{text}");
        }
    }

    #[test]
    fn nesting_is_reported_as_such() {
        let nested = format!(r#"{{"level":{}"#, "[".repeat(200));
        let error = serde_json::from_str::<serde_json::Value>(&nested).unwrap_err();
        assert_eq!(&*JsonMismatch::of(&error).reason, "nested deeper than 127 levels");
    }
}
