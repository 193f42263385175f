use serde_json::Value;

/// The result of a command.
#[derive(Debug, PartialEq)]
pub(super) struct Report {
    /// The text to print.
    pub(super) text: String,
    /// Whether the command found no problem.
    pub(super) is_good: bool,
}

impl Report {
    pub(super) fn good(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_good: true }
    }

    /// Creates a report from rows: a JSON array if `json` is true, and otherwise the line that `write` returns for each
    /// row.
    pub(super) fn rows(rows: &[Value], json: bool, write: impl Fn(&Value) -> String) -> Self {
        if json {
            return Self::good(format!("{:#}", Value::Array(rows.to_vec())));
        }
        Self::good(rows.iter().map(write).collect::<Vec<_>>().join("\n"))
    }
}

/// Returns the end of an error about an unknown name, for example `; its relays are A, B`, or an empty text if no name
/// is known.
pub(super) fn known_names(what: &str, known: &[&str]) -> String {
    if known.is_empty() { String::new() } else { format!("; {what} are {}", known.join(", ")) }
}

/// Returns the text of a field, without quotes, or `-` if the field is null or missing.
pub(super) fn text_of(row: &Value, key: &str) -> String {
    match &row[key] {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
