use std::fmt;

use serde::ser::{Impossible, Serialize, Serializer};

use crate::event::Event;
use crate::reject_values::reject_values;

/// Returns whether the event has a payload. Unit variants have none. Only the variant is inspected, not the content of
/// the payload.
pub(crate) fn has_payload<E: Event>(event: &E) -> bool {
    !matches!(event.serialize_tagged(Probe), Err(Found::NoPayload))
}

/// A serializer that stops at the first value with an error, which says whether this value is a payload.
struct Probe;

#[derive(Debug)]
enum Found {
    Payload,
    NoPayload,
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

impl std::error::Error for Found {}

impl serde::ser::Error for Found {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Payload
    }
}

type Never = Impossible<(), Found>;

impl Serializer for Probe {
    type Ok = ();
    type Error = Found;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Found> {
        Err(Found::NoPayload)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Found> {
        Err(Found::Payload)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _: &T) -> Result<(), Found> {
        Err(Found::Payload)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), Found> {
        Err(Found::Payload)
    }

    reject_values! {
        Err(Found::Payload);
        serialize_str(&str) -> Ok;
        serialize_unit_struct(&'static str) -> Ok;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant;
        serialize_map(Option<usize>) -> SerializeMap;
        serialize_struct(&'static str, usize) -> SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant;
    }
}
