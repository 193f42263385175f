use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{JsonMismatch, JsonPath, Trace, difference};

/// Reads a value that was just written, and compares the result with the original value. For debug builds and test
/// tools.
///
/// # Errors
/// A description of the problem, if the value cannot be read or is read as another value.
pub fn check_json<T: Serialize + DeserializeOwned>(
    root: &'static str,
    value: &T,
    json: &RawValue,
) -> Result<(), String> {
    let read: T = serde_json::from_str(json.get())
        .map_err(|error| format!("`{root}` cannot be read back from its JSON: {}", JsonMismatch::of(&error)))?;
    match difference(&Trace::of(value), &Trace::of(&read)) {
        Some(segments) => Err(format!(
            "reading `{}` would return a different value than the one written",
            JsonPath { root, segments }
        )),
        None => Ok(()),
    }
}
