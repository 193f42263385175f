use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::event_type::{Event, EventType};

/// The name of an event type in JSON. The name of a declared type is not copied.
pub(super) enum TypeName<E: Event> {
    Declared(E::EventType),
    Other(Box<str>),
}

impl<E: Event> TypeName<E> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Declared(event_type) => (*event_type).as_str(),
            Self::Other(name) => name,
        }
    }
}

impl<'de, E: Event> Deserialize<'de> for TypeName<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor(PhantomData))
    }
}

struct NameVisitor<E>(PhantomData<E>);

impl<E: Event> Visitor<'_> for NameVisitor<E> {
    type Value = TypeName<E>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text")
    }

    fn visit_str<X: Error>(self, text: &str) -> Result<TypeName<E>, X> {
        let declared = E::EventType::ALL.iter().copied().find(|declared| declared.as_str() == text);
        match declared {
            Some(declared) => Ok(TypeName::Declared(declared)),
            None if E::READS_OTHERS => Ok(TypeName::Other(text.into())),
            None => text.parse().map(TypeName::Declared).map_err(X::custom),
        }
    }
}
