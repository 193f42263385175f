use std::marker::PhantomData;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, VariantAccess, Visitor};
use serde::{Deserialize, de::IntoDeserializer};

use crate::event::Event;
use crate::event::evolution::read_event;

/// A deserializer that presents a pair of type and payload as an externally tagged enum.
pub(crate) struct TaggedEvent<'a, D> {
    pub(crate) event_type: &'a str,
    /// The payload, or `None` if there is no payload.
    pub(crate) payload: Option<D>,
}

/// A seed that decodes the payload of an event of a known type.
pub(crate) struct PayloadSeed<'a, E> {
    pub(crate) event_type: &'a str,
    pub(crate) event: PhantomData<E>,
}

impl<'de, E: Event> DeserializeSeed<'de> for PayloadSeed<'_, E> {
    type Value = E;

    fn deserialize<D: Deserializer<'de>>(self, payload: D) -> Result<E, D::Error> {
        read_event(self.event_type, Some(payload)).map_err(|error| error.into_serde::<E>(self.event_type))
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for TaggedEvent<'_, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_enum(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de, 'a, D: Deserializer<'de>> EnumAccess<'de> for TaggedEvent<'a, D> {
    type Error = D::Error;
    type Variant = Content<D>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<D>), D::Error> {
        let name: StrDeserializer<'a, D::Error> = self.event_type.into_deserializer();
        Ok((seed.deserialize(name)?, Content(self.payload)))
    }
}

pub(crate) struct Content<D>(Option<D>);

impl<D> Content<D> {
    pub(crate) fn new(payload: Option<D>) -> Self {
        Self(payload)
    }
}

impl<'de, D: Deserializer<'de>> VariantAccess<'de> for Content<D> {
    type Error = D::Error;

    /// Accepts and ignores any payload of an event type without payload. Like unknown fields, such a payload may have
    /// been written by an earlier version of the type.
    fn unit_variant(self) -> Result<(), D::Error> {
        match self.0 {
            Some(payload) => IgnoredAny::deserialize(payload).map(|_| ()),
            None => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, D::Error> {
        match self.0 {
            Some(payload) => seed.deserialize(payload),
            // Postgres does not distinguish between a payload of `null` and no payload.
            None => seed.deserialize(().into_deserializer()),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, D::Error> {
        Err(D::Error::custom("an event type has one payload"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        match self.0 {
            Some(payload) => payload.deserialize_struct("payload", fields, visitor),
            None => Err(D::Error::missing_field("payload")),
        }
    }
}
