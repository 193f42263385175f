//! Converting JSON text to DynamoDB attributes.
//!
//! Numbers are converted as text, because `serde_json` would convert them to floats.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::number::Number;

/// The maximum nesting of attributes in DynamoDB. The payload is the first level, the values in it are the second, and
/// so on.
pub(super) const MAX_DEPTH: usize = 32;

/// The reason why DynamoDB cannot store a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Misfit {
    #[error(
        "with a number that has more than 38 digits, or whose absolute value is greater than 9.99E+125 or less than 1E-130"
    )]
    Number,
    #[error("nested more than 32 levels deep")]
    Depth,
    #[error("with text that is not well-formed Unicode")]
    Text,
    #[error("that is not JSON")]
    Syntax,
}

/// Converts a JSON value to an attribute. If an object contains a key twice, the last value is kept.
pub(super) fn attribute_of(json: &str) -> Result<AttributeValue, Misfit> {
    let mut reader = Reader { text: json, at: 0 };
    let value = reader.value(0)?;
    reader.skip_space();
    if reader.at == json.len() { Ok(value) } else { Err(Misfit::Syntax) }
}

/// A parser for the text of a `RawValue`, which is always valid JSON. The parser therefore does not detect every syntax
/// error.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<AttributeValue, Misfit> {
        match self.peek().ok_or(Misfit::Syntax)? {
            _ if depth == MAX_DEPTH => Err(Misfit::Depth),
            b'{' => self.object(depth + 1).map(AttributeValue::M),
            b'[' => self.array(depth + 1).map(AttributeValue::L),
            b'"' => self.string().map(AttributeValue::S),
            _ => match self.word() {
                "null" => Ok(AttributeValue::Null(true)),
                "true" => Ok(AttributeValue::Bool(true)),
                "false" => Ok(AttributeValue::Bool(false)),
                text => match Number::parse(text).ok_or(Misfit::Syntax)? {
                    number if number.is_zero() => Ok(AttributeValue::N("0".to_owned())),
                    number if number.fits() => Ok(AttributeValue::N(text.to_owned())),
                    _ => Err(Misfit::Number),
                },
            },
        }
    }

    fn object(&mut self, depth: usize) -> Result<HashMap<String, AttributeValue>, Misfit> {
        let mut members = HashMap::new();
        self.at += 1;
        if self.take(b'}') {
            return Ok(members);
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(Misfit::Syntax);
            }
            let key = self.string()?;
            if !self.take(b':') {
                return Err(Misfit::Syntax);
            }
            let value = self.value(depth)?;
            members.insert(key, value);
            if !self.take(b',') {
                return if self.take(b'}') { Ok(members) } else { Err(Misfit::Syntax) };
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Vec<AttributeValue>, Misfit> {
        let mut elements = Vec::new();
        self.at += 1;
        if self.take(b']') {
            return Ok(elements);
        }
        loop {
            elements.push(self.value(depth)?);
            if !self.take(b',') {
                return if self.take(b']') { Ok(elements) } else { Err(Misfit::Syntax) };
            }
        }
    }

    /// Reads the string at the current position, including its quotes.
    fn string(&mut self) -> Result<String, Misfit> {
        let start = self.at;
        let (mut escaped, mut any_escape) = (false, false);
        for (offset, byte) in self.rest().bytes().enumerate().skip(1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => (escaped, any_escape) = (true, true),
                b'"' => {
                    self.at = start + offset + 1;
                    let quoted = self.text.get(start..self.at).unwrap_or_default();
                    return if any_escape {
                        // In valid JSON, only a string with an unpaired surrogate cannot be decoded.
                        serde_json::from_str(quoted).map_err(|_| Misfit::Text)
                    } else {
                        Ok(quoted.trim_matches('"').to_owned())
                    };
                }
                _ => {}
            }
        }
        Err(Misfit::Syntax)
    }

    /// Reads a number or a literal, up to the next delimiter.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find([',', ']', '}', ' ', '\t', '\n', '\r']).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// Returns the next byte that is not white space, and skips the white space before it.
    fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.rest().bytes().next()
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::write_json::json_of;
    use super::*;

    fn there_and_back(json: &str) -> String {
        json_of(&attribute_of(json).unwrap()).unwrap()
    }

    #[test]
    fn json_survives() {
        for json in [
            "null",
            "true",
            "[]",
            "{}",
            r#""""#,
            r#""\"""#,
            r#""a\\""#,
            r#"{"a":[1,-2.5,{"b":null,"c":"x, ]}"}],"d":false}"#,
            r#"{"":{"\n":"\u0000"},"é":"🦀"}"#,
            "12345678901234567890123456789012345678",
        ] {
            assert_eq!(there_and_back(json), json);
        }
    }

    #[test]
    fn the_way_it_is_written_may_change() {
        assert_eq!(there_and_back(" { \"b\" : 1 ,\n \"a\":\t[ 2 , 3 ] } "), r#"{"a":[2,3],"b":1}"#);
        assert_eq!(there_and_back(r#"{"a":1,"a":2}"#), r#"{"a":2}"#);
        assert_eq!(there_and_back(r#""\ud83e\udd80\/""#), r#""🦀/""#);
        assert_eq!(there_and_back("[-0.0,0e999,-2.5e3]"), "[0,0,-2500]");
    }

    #[test]
    fn unfitting_values_are_errors() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(attribute_of(&nested(MAX_DEPTH - 1)).is_ok());
        assert_eq!(attribute_of(&nested(MAX_DEPTH)), Err(Misfit::Depth));
        assert!(attribute_of(&nested(MAX_DEPTH).replace('1', "")).is_ok());
        assert_eq!(attribute_of(&nested(100_000)), Err(Misfit::Depth));
        assert_eq!(attribute_of(r#"["\ud800"]"#), Err(Misfit::Text));
        assert_eq!(attribute_of(r#"{"\udc00":1}"#), Err(Misfit::Text));
        assert_eq!(attribute_of("[1e126]"), Err(Misfit::Number));
    }

    #[test]
    fn invalid_json_does_not_panic() {
        for text in [
            "", " ", "{", "[", "\"", "\"\\", "{\"a\"", "{\"a\":", "{\"a\":1", "{1:2}", "[1", "[1,", "[1 2]", "1 2",
            "nul", "é",
        ] {
            assert_eq!(attribute_of(text), Err(Misfit::Syntax), "{text}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(".*", inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_survives(value in value()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let back: Value = serde_json::from_str(&there_and_back(&text)).unwrap();
                prop_assert_eq!(&back, &value);
            }
        }

        #[test]
        fn any_text_is_no_panic(text in "[\\[\\]{}:,\"\\\\eE0-9. a-f+-]*") {
            let is_json = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            // The reader may accept text that is not valid JSON, because it only has to read `RawValue`s, which are
            // valid.
            prop_assert!(!is_json || attribute_of(&text) != Err(Misfit::Syntax), "{}", text);
        }
    }
}
