/// The maximum nesting of arrays and objects in a payload, in metadata, and in the state of an aggregate.
///
/// JSON parsers limit the nesting, so that malicious input cannot exhaust the stack. For example, `serde_json` reads at
/// most 127 levels. A message adds up to two levels around a payload, and brokers and their rules add further levels.
/// This limit leaves room for these levels, so that every event that can be stored can also be read from a message.
pub const MAX_JSON_DEPTH: usize = 120;

/// The maximum number of levels that `serde_json` reads.
pub(crate) const READABLE_DEPTH: usize = 127;

/// Returns whether reading failed because the JSON is nested too deeply. `serde_json` reports this problem only as a
/// syntax error, so the text of the error is compared. The texts of syntax errors are fixed and contain no input.
pub(crate) fn is_too_deep(error: &serde_json::Error) -> bool {
    error.is_syntax() && error.to_string().starts_with("recursion limit exceeded")
}

/// Returns the number of levels in a JSON text.
pub(super) fn depth_of(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_is_that_of_the_reader() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let read = |levels: usize| serde_json::from_str::<serde_json::Value>(&nested(levels));
        read(READABLE_DEPTH).unwrap();
        assert!(is_too_deep(&read(READABLE_DEPTH + 1).unwrap_err()));
        assert!(!is_too_deep(&serde_json::from_str::<serde_json::Value>("[").unwrap_err()));
    }

    #[test]
    fn depth_ignores_brackets_in_strings() {
        assert_eq!(depth_of(r#"{"a":["[[\"[[",{}]}"#), 3);
        assert_eq!(depth_of("1"), 0);
    }
}
