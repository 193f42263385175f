use serde_json::{Map, Value};

/// Returns a file of recorded behavior of the original TypeScript packages; see `tests/golden/README.md`.
pub fn golden(name: &str) -> Value {
    let path = format!("{}/../tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}"))
}

/// Removes the keys that were recorded as `undefined`, because JSON has no such value: castore omits these keys.
pub fn without_undefined(value: &Value) -> Value {
    let undefined = |value: &Value| value.get("$undefined").is_some();
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !undefined(value))
            .map(|(key, value)| (key.clone(), without_undefined(value)))
            .collect(),
        Value::Array(values) => values.iter().map(without_undefined).collect(),
        other => other.clone(),
    }
}

/// Returns the part of an error's text that corresponds to the original package's error: the text of the version
/// conflict if the error contains one, and otherwise the whole text.
pub fn original_text(error: &(dyn std::error::Error + 'static)) -> String {
    castore::command::find_event_already_exists(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// Returns the text of a recorded error.
pub fn error_text(outcome: &Value) -> &str {
    outcome["error"]["message"].as_str().unwrap_or_else(|| panic!("no error: {outcome}"))
}
