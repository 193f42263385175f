use std::fmt;

use serde::ser::{Error, Impossible, Serialize, Serializer};

use super::{AGGREGATE_ID, VERSION};
use crate::reject_values::reject_values;

/// Returns the key if it is reserved for the aggregate itself. A state must not contain a reserved key. Many JSON
/// readers use the last of two equal keys, so a state whose keys come from users could fake another version or another
/// aggregate id.
fn reserved(key: &str) -> Option<&'static str> {
    [AGGREGATE_ID, VERSION].into_iter().find(|reserved| *reserved == key)
}

fn refuse_key<E: Error>(key: &str) -> E {
    E::custom(format_args!("the state has the key `{key}`, which is reserved for the aggregate"))
}

/// Returns an error if the name of a field or variant is reserved.
pub(super) fn check_name<E: Error>(name: &str) -> Result<(), E> {
    reserved(name).map_or(Ok(()), |name| Err(refuse_key(name)))
}

/// Returns an error if the key of a map is reserved.
pub(super) fn check_key<K: Serialize + ?Sized, E: Error>(key: &K) -> Result<(), E> {
    match key.serialize(KeyProbe) {
        Ok(()) => Ok(()),
        Err(Probed::Reserved(key)) => Err(refuse_key(key)),
        // The serializer of the map reports every other problem with the key.
        Err(Probed::Other) => Ok(()),
    }
}

/// A serializer that checks whether a key is reserved, and writes nothing.
struct KeyProbe;

#[derive(Debug)]
enum Probed {
    Reserved(&'static str),
    Other,
}

impl fmt::Display for Probed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

impl std::error::Error for Probed {}

impl Error for Probed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Other
    }
}

fn probe(key: &str) -> Result<(), Probed> {
    reserved(key).map_or(Ok(()), |key| Err(Probed::Reserved(key)))
}

type Never = Impossible<(), Probed>;

impl Serializer for KeyProbe {
    type Ok = ();
    type Error = Probed;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    fn serialize_str(self, key: &str) -> Result<(), Probed> {
        probe(key)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Probed> {
        probe(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Probed> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Probed> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Probed> {
        Err(Probed::Other)
    }

    reject_values! {
        Err(Probed::Other);
        serialize_unit_struct(&'static str) -> Ok;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant;
        serialize_map(Option<usize>) -> SerializeMap;
        serialize_struct(&'static str, usize) -> SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant;
    }
}
