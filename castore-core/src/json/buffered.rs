use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::RAW_VALUE;

/// A buffered value whose type is not known yet, for example a payload that comes before its event type.
///
/// The value is kept as JSON text if possible, because `serde_json::Value` cannot represent every number.
pub(crate) enum Buffered {
    Text(Box<RawValue>),
    /// A value from a deserializer other than that of `serde_json`, for example in a user's untagged enum.
    Value(Value),
}

impl Buffered {
    pub(crate) fn read<'de, T: DeserializeSeed<'de>, E: Error>(self, seed: T) -> Result<T::Value, E> {
        match self {
            // The text is dropped after this call, so the result must not borrow from it. `from_reader` never borrows.
            Self::Text(text) => seed
                .deserialize(&mut serde_json::Deserializer::from_reader(text.get().as_bytes()))
                .map_err(|error| E::custom(without_place(&error.to_string()))),
            Self::Value(value) => seed.deserialize(value).map_err(E::custom),
        }
    }
}

impl Buffered {
    /// Returns the JSON text of the value.
    pub(crate) fn into_text<E: Error>(self) -> Result<Box<RawValue>, E> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Value(value) => to_raw_value(&value).map_err(E::custom),
        }
    }
}

/// Removes the line and the column from an error text, because they are positions within the buffered part of the JSON.
pub(crate) fn without_place(text: &str) -> &str {
    text.rfind(" at line ").map_or(text, |end| &text[..end])
}

impl<'de> Deserialize<'de> for Buffered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW_VALUE, BufferVisitor)
    }
}

struct BufferVisitor;

impl<'de> Visitor<'de> for BufferVisitor {
    type Value = Buffered;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    /// Reads the JSON text, which `serde_json` passes as a map because it recognizes the name `RAW_VALUE`.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Buffered, A::Error> {
        Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Buffered::Text)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Buffered, D::Error> {
        Value::deserialize(deserializer).map(Buffered::Value)
    }
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use super::*;

    const NUMBER: &str = "340282366920938463463374607431768211455";

    fn number(buffered: Buffered) -> u128 {
        buffered.read::<_, serde_json::Error>(PhantomData::<u128>).unwrap()
    }

    #[test]
    fn text_is_kept_as_it_is() {
        let text = format!("[ {NUMBER} ]");
        let [buffered]: [Buffered; 1] = serde_json::from_str(&text).unwrap();
        assert!(matches!(&buffered, Buffered::Text(text) if text.get() == NUMBER));
        assert_eq!(number(buffered), u128::MAX);
        let [buffered]: [Buffered; 1] = serde_json::from_reader(text.as_bytes()).unwrap();
        assert_eq!(number(buffered), u128::MAX);
    }

    #[test]
    fn other_deserializers_work() {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Here { value: Buffered },
        }
        let Either::Here { value } = serde_json::from_str(r#"{"value":5}"#).unwrap();
        assert!(matches!(value, Buffered::Value(_)));
        assert_eq!(number(value), 5);
        assert_eq!(number(serde_json::from_value(Value::from(5)).unwrap()), 5);
    }
}
