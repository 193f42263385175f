use serde::Serialize;
use serde::ser::{
    Error, Impossible, SerializeMap, SerializeStruct, SerializeStructVariant, SerializeTupleVariant, Serializer,
};
use serde_json::value::{RawValue, to_raw_value};

use super::reserved::{check_key, check_name};
use super::{AGGREGATE_ID, VERSION};
use crate::aggregate::Aggregate;
use crate::event_sourced::EventSourced;
use crate::json::serialize_strict;
use crate::reject_values::reject_values;
use crate::text::ToText;

impl<S: EventSourced + Serialize> Serialize for Aggregate<S> {
    fn serialize<Sr: Serializer>(&self, serializer: Sr) -> Result<Sr::Ok, Sr::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(AGGREGATE_ID, &ToText(&self.aggregate_id))?;
        map.serialize_entry(VERSION, &self.version)?;
        serialize_strict("state", &self.state, Entries(&mut map))?;
        map.end()
    }
}

/// A serializer that writes the entries of a state into an open map.
struct Entries<'a, M>(&'a mut M);

fn not_an_object<E: Error>() -> E {
    E::custom("the state of an aggregate must serialize as an object; use a struct or a tagged enum")
}

impl<'a, M: SerializeMap> Serializer for Entries<'a, M> {
    type Ok = ();
    type Error = M::Error;
    type SerializeSeq = Impossible<(), M::Error>;
    type SerializeTuple = Impossible<(), M::Error>;
    type SerializeTupleStruct = Impossible<(), M::Error>;
    type SerializeTupleVariant = VariantEntry<'a, M, Vec<Box<RawValue>>>;
    type SerializeMap = MapEntries<'a, M>;
    type SerializeStruct = MapEntries<'a, M>;
    type SerializeStructVariant = VariantEntry<'a, M, NamedFields>;

    fn serialize_map(self, _: Option<usize>) -> Result<MapEntries<'a, M>, M::Error> {
        Ok(MapEntries(self.0))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<MapEntries<'a, M>, M::Error> {
        Ok(MapEntries(self.0))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), M::Error> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), M::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        check_name(variant)?;
        self.0.serialize_entry(variant, value)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, M::Error> {
        Ok(VariantEntry { map: self.0, variant, content: NamedFields(Vec::new()) })
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant, M::Error> {
        Ok(VariantEntry { map: self.0, variant, content: Vec::with_capacity(length) })
    }

    /// Writes nothing, because a struct without fields has no entries.
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), M::Error> {
        Ok(())
    }

    reject_values! {
        Err(not_an_object());
        serialize_str(&str) -> Ok;
        serialize_unit_variant(&'static str, u32, &'static str) -> Ok;
    }
}

struct MapEntries<'a, M>(&'a mut M);

impl<M: SerializeMap> SerializeMap for MapEntries<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), M::Error> {
        check_key(key)?;
        self.0.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), M::Error> {
        self.0.serialize_value(value)
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<M: SerializeMap> SerializeStruct for MapEntries<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), M::Error> {
        check_name(key)?;
        self.0.serialize_entry(key, value)
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

/// The single map entry of an externally tagged variant. The content of the variant is collected first, because a map
/// entry can only be written as a whole.
struct VariantEntry<'a, M, C> {
    map: &'a mut M,
    variant: &'static str,
    content: C,
}

impl<M: SerializeMap> SerializeStructVariant for VariantEntry<'_, M, NamedFields> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), M::Error> {
        self.content.0.push((key, to_raw_value(value).map_err(M::Error::custom)?));
        Ok(())
    }

    fn end(self) -> Result<(), M::Error> {
        check_name(self.variant)?;
        self.map.serialize_entry(self.variant, &self.content)
    }
}

impl<M: SerializeMap> SerializeTupleVariant for VariantEntry<'_, M, Vec<Box<RawValue>>> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), M::Error> {
        self.content.push(to_raw_value(value).map_err(M::Error::custom)?);
        Ok(())
    }

    fn end(self) -> Result<(), M::Error> {
        check_name(self.variant)?;
        self.map.serialize_entry(self.variant, &self.content)
    }
}

/// The fields of a variant, already serialized.
struct NamedFields(Vec<(&'static str, Box<RawValue>)>);

impl Serialize for NamedFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
