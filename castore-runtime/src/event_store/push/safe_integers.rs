use std::fmt::Write as _;

use castore_core::storage::RawEvent;

/// The largest safe integer of JavaScript, 2^53 - 1: a JavaScript number represents every natural number up to this one
/// exactly.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Returns the path of the first unsafe integer of an event: an integer whose absolute value is larger than
/// [`MAX_SAFE_INTEGER`].
pub(super) fn unsafe_integer(event: &RawEvent) -> Option<String> {
    let parts = [("payload", &event.payload), ("metadata", &event.metadata)];
    parts.into_iter().find_map(|(name, json)| find(name, json.as_ref()?.get()))
}

/// An object or array that encloses the current position of the search.
enum Inside {
    Object { key: String },
    Array { index: usize },
}

/// Returns the path of the first unsafe integer in a valid JSON text. The search reads the text, because a parsed value
/// does not distinguish an integer beyond `u64` from a floating-point number.
fn find(name: &str, json: &str) -> Option<String> {
    let bytes = json.as_bytes();
    let (mut inside, mut at, mut last_string) = (Vec::new(), 0, 0..0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' => inside.push(Inside::Object { key: String::new() }),
            b'[' => inside.push(Inside::Array { index: 0 }),
            b'}' | b']' => _ = inside.pop(),
            b',' => {
                if let Some(Inside::Array { index }) = inside.last_mut() {
                    *index += 1;
                }
            }
            b':' => {
                if let Some(Inside::Object { key }) = inside.last_mut() {
                    *key = json.get(last_string.clone()).unwrap_or_default().to_owned();
                }
            }
            b'"' => {
                let end = end_of_string(bytes, at + 1);
                last_string = at + 1..end;
                at = end;
            }
            b'-' | b'0'..=b'9' => {
                let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                let end = at + bytes[at..].iter().take_while(|byte| is_part(byte)).count();
                if !is_safe(&json[at..end]) {
                    return Some(path(name, &inside));
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Returns the index of the quote that ends a string.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

/// Returns whether a number is safe: its absolute value is at most [`MAX_SAFE_INTEGER`], or it is written with a
/// fraction or an exponent and therefore is not an integer.
fn is_safe(number: &str) -> bool {
    let digits = number.trim_start_matches('-');
    let is_integer = digits.bytes().all(|byte| byte.is_ascii_digit());
    // An integer that does not fit into a `u64` is too large as well.
    !is_integer || digits.parse::<u64>().is_ok_and(|integer| integer <= MAX_SAFE_INTEGER)
}

fn path(name: &str, inside: &[Inside]) -> String {
    let mut path = name.to_owned();
    for inside in inside {
        // Writing to a string cannot fail.
        _ = match inside {
            Inside::Object { key } => write!(path, ".{key}"),
            Inside::Array { index } => write!(path, "[{index}]"),
        };
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_up_to_the_largest_safe_one_pass() {
        for json in [
            "9007199254740991",
            "-9007199254740991",
            "0",
            r#"{"a":[1,{"b":9007199254740991}],"c":"9007199254740992"}"#,
            r#"{"9007199254740992":"\"9007199254740992\\"}"#,
            // These are floating-point numbers: JavaScript reads the same double.
            "1e300",
            "9007199254740992.5",
            "[]",
            "null",
        ] {
            assert_eq!(find("payload", json), None, "{json}");
        }
    }

    #[test]
    fn path_of_a_larger_integer_is_found() {
        for (json, path) in [
            ("9007199254740992", "payload"),
            ("-9007199254740992", "payload"),
            ("340282366920938463463374607431768211455", "payload"),
            (r#"{"a":1,"id":18446744073709551615}"#, "payload.id"),
            (r#"{"team":[{"id":1},{"id":9007199254740993}]}"#, "payload.team[1].id"),
            (r#"{"a":{"x":[[],[1,2]]},"b":[[1],[2,9007199254740993]]}"#, "payload.b[1][1]"),
            (r#"{ "a" : "x,:[{\"" , "b" : 9007199254740993 }"#, "payload.b"),
        ] {
            assert_eq!(find("payload", json).as_deref(), Some(path), "{json}");
        }
    }
}
