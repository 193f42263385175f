use std::fmt;

use serde::ser::{Error, Impossible, Serialize, Serializer};

use super::{AGGREGATE_ID, VERSION};

/// Returns whether a state may not use the key, because the aggregate uses it. A reader would take the last of two
/// equal keys, so a state whose keys come from users could fake another version or another aggregate.
pub(super) fn is_reserved(key: &str) -> bool {
    key == AGGREGATE_ID || key == VERSION
}

pub(super) fn refuse_key<E: Error>(key: &str) -> E {
    E::custom(format_args!("the state has the key `{key}`, which the aggregate has beside its state"))
}

/// Rejects a reserved key of a map.
pub(super) fn check_key<K: Serialize + ?Sized, E: Error>(key: &K) -> Result<(), E> {
    match key.serialize(KeyProbe) {
        Ok(()) => Ok(()),
        Err(Probed::Reserved(key)) => Err(refuse_key(key)),
        // The map's serializer reports what is wrong with the key.
        Err(Probed::Other) => Ok(()),
    }
}

/// A serializer that returns the text of a key.
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
    match [AGGREGATE_ID, VERSION].into_iter().find(|reserved| *reserved == key) {
        Some(reserved) => Err(Probed::Reserved(reserved)),
        None => Ok(()),
    }
}

macro_rules! no_text {
    ($($method:ident($($argument:ty),*) -> $part:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$part, Probed> {
            Err(Probed::Other)
        })*
    };
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

    no_text! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_seq(Option<usize>) -> Never;
        serialize_tuple(usize) -> Never;
        serialize_tuple_struct(&'static str, usize) -> Never;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Never;
        serialize_map(Option<usize>) -> Never;
        serialize_struct(&'static str, usize) -> Never;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Never;
    }
}
