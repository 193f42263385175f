use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, VariantAccess, Visitor};

use super::key::{FlatKey, KeyDeserializer};
use super::{AGGREGATE_ID, VERSION};
use crate::aggregate::Aggregate;
use crate::event_sourced::{AggregateId, EventSourced};
use crate::text::FromText;

impl<'de, S: EventSourced + Deserialize<'de>> Deserialize<'de> for Aggregate<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AggregateVisitor(PhantomData))
    }
}

struct AggregateVisitor<S>(PhantomData<S>);

impl<'de, S: EventSourced + Deserialize<'de>> Visitor<'de> for AggregateVisitor<S> {
    type Value = Aggregate<S>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an aggregate of event store {}", S::EVENT_STORE_ID)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Aggregate<S>, A::Error> {
        let mut entries = Entries { map, kept: Kept { aggregate_id: None, version: None } };
        let state = S::deserialize(&mut entries)?;
        // A state may stop reading before the last entry, as an externally tagged enum does. The id and the version of
        // the aggregate may be among the remaining entries.
        while entries.next_key_of_state()?.is_some() {
            entries.map.next_value::<IgnoredAny>()?;
        }
        Ok(Aggregate {
            aggregate_id: entries.kept.aggregate_id.ok_or_else(|| A::Error::missing_field(AGGREGATE_ID))?,
            version: entries.kept.version.ok_or_else(|| A::Error::missing_field(VERSION))?,
            state,
        })
    }
}

/// The id and the version, which are collected while the state is deserialized.
struct Kept<Id> {
    aggregate_id: Option<Id>,
    version: Option<u64>,
}

/// A map deserializer that passes the entries of an aggregate to the state, except for the id and the version.
struct Entries<A, Id> {
    map: A,
    kept: Kept<Id>,
}

impl<'de, A: MapAccess<'de>, Id: AggregateId> Entries<A, Id> {
    fn next_key_of_state(&mut self) -> Result<Option<FlatKey<'de>>, A::Error> {
        while let Some(key) = self.map.next_key::<FlatKey<'de>>()? {
            match &*key.0 {
                AGGREGATE_ID => self.kept.aggregate_id = Some(self.map.next_value::<FromText<Id>>()?.0),
                VERSION => self.kept.version = Some(self.map.next_value()?),
                _ => return Ok(Some(key)),
            }
        }
        Ok(None)
    }
}

impl<'de, A: MapAccess<'de>, Id: AggregateId> Deserializer<'de> for &mut Entries<A, Id> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

impl<'de, A: MapAccess<'de>, Id: AggregateId> MapAccess<'de> for &mut Entries<A, Id> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.next_key_of_state()? {
            Some(key) => seed.deserialize(KeyDeserializer::new(key.0)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

impl<'de, A: MapAccess<'de>, Id: AggregateId> EnumAccess<'de> for &mut Entries<A, Id> {
    type Error = A::Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), A::Error> {
        let Some(key) = self.next_key_of_state()? else {
            return Err(A::Error::custom("the state of the aggregate is missing"));
        };
        Ok((seed.deserialize(KeyDeserializer::new(key.0))?, self))
    }
}

/// Deserializes the content of an enum variant from the value of the variant's map entry.
impl<'de, A: MapAccess<'de>, Id: AggregateId> VariantAccess<'de> for &mut Entries<A, Id> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(|_| ())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.map.next_value_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(Content { visitor, shape: Shape::Tuple(length) })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(Content { visitor, shape: Shape::Struct(fields) })
    }
}

enum Shape {
    Tuple(usize),
    Struct(&'static [&'static str]),
}

struct Content<V> {
    visitor: V,
    shape: Shape,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Content<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        match self.shape {
            Shape::Tuple(length) => deserializer.deserialize_tuple(length, self.visitor),
            Shape::Struct(fields) => deserializer.deserialize_struct("variant", fields, self.visitor),
        }
    }
}
