//! Serialization of values that are text in JSON: aggregate ids and event types.

use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

/// A wrapper that serializes a value as the text of its `Display`.
pub(crate) struct ToText<'a, T>(pub(crate) &'a T);

impl<T: Display> Serialize for ToText<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

/// A wrapper that deserializes a value from text with its `FromStr`.
pub(crate) struct FromText<T>(pub(crate) T);

impl<'de, T: FromStr> Deserialize<'de> for FromText<T>
where
    T::Err: Display,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer).map(Self)
    }
}

/// Deserializes a value from text with its `FromStr`. The generated `Deserialize` of event types calls this function.
#[doc(hidden)]
pub fn deserialize_text<'de, T: FromStr, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>
where
    T::Err: Display,
{
    struct Text<T>(PhantomData<T>);
    impl<T: FromStr> Visitor<'_> for Text<T>
    where
        T::Err: Display,
    {
        type Value = T;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("text")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }
    deserializer.deserialize_str(Text(PhantomData))
}
