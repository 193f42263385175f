use std::fmt::Write;

/// The token of an empty text, because a token cannot be empty.
const EMPTY: &str = "~";

/// Encodes text as a token of a subject: all bytes except ASCII letters, digits, `_` and `-` are percent-encoded. Only
/// the token of the empty text begins with `~`.
pub(super) fn encode(text: &str) -> String {
    if text.is_empty() {
        return EMPTY.to_owned();
    }
    let mut token = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
            token.push(byte.into());
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(token, "%{byte:02X}");
        }
    }
    token
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Decodes a token. Returns `None` if `encode` never produces it.
    fn decode(token: &str) -> Option<String> {
        if token == EMPTY {
            return Some(String::new());
        }
        let mut bytes = Vec::new();
        let mut rest = token.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'%' => {
                    let digits = [rest.next()?, rest.next()?];
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
                }
                byte if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') => bytes.push(byte),
                _ => return None,
            }
        }
        String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
    }

    #[test]
    fn special_characters_are_encoded() {
        assert_eq!(encode("ORDER_PLACED-2"), "ORDER_PLACED-2");
        assert_eq!(encode("a.b *>é%"), "a%2Eb%20%2A%3E%C3%A9%25");
        assert_eq!(encode(""), "~");
        assert_eq!(encode("~"), "%7E");
    }

    proptest! {
        #[test]
        fn any_text_is_one_token_and_comes_back(text in any::<String>()) {
            let token = encode(&text);
            prop_assert!(!token.is_empty());
            prop_assert!(token.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'.' | b'*' | b'>')));
            prop_assert_eq!(decode(&token), Some(text));
        }
    }
}
