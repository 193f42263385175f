use std::fmt::Display;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::path::Segment;

/// A record of everything that a value passes to a serializer. JSON contains less information: `Some(None)`, `None` and
/// `()` are all `null`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trace {
    /// The type and the text of a value without parts.
    Scalar(String),
    None,
    Some(Box<Trace>),
    Seq(Vec<Trace>),
    Map(Vec<(Trace, Trace)>),
    Fields(Vec<(&'static str, Trace)>),
    Variant(&'static str, Box<Trace>),
    /// The value cannot be serialized. This failure is unexpected, because the original value was serialized before.
    Failed,
}

impl Trace {
    pub(crate) fn of<T: Serialize + ?Sized>(value: &T) -> Self {
        value.serialize(Tracer).unwrap_or(Self::Failed)
    }

    /// Sorts the entries of maps, and also the elements of lists if requested.
    fn sort(&mut self, lists: bool) {
        match self {
            Self::Scalar(_) | Self::None | Self::Failed => {}
            Self::Some(inner) | Self::Variant(_, inner) => inner.sort(lists),
            Self::Seq(elements) => {
                elements.iter_mut().for_each(|element| element.sort(lists));
                if lists {
                    elements.sort();
                }
            }
            Self::Map(entries) => {
                entries.iter_mut().for_each(|(key, value)| {
                    key.sort(lists);
                    value.sort(lists);
                });
                entries.sort();
            }
            Self::Fields(fields) => fields.iter_mut().for_each(|(_, value)| value.sort(lists)),
        }
    }

    fn sorted(&self, lists: bool) -> Self {
        let mut sorted = self.clone();
        sorted.sort(lists);
        sorted
    }
}

/// Returns the path to the first difference, or `None` if there is no difference. The order of map entries and list
/// elements is ignored, because equal hash maps may have different orders, and sets are serialized as lists.
pub(crate) fn difference(first: &Trace, second: &Trace) -> Option<Vec<Segment>> {
    if first == second || first.sorted(true) == second.sorted(true) {
        return None;
    }
    let mut path = Vec::new();
    // The lists are not sorted here, so that the indexes in the path are those of the event.
    differs(&first.sorted(false), &second.sorted(false), &mut path).then_some(path)
}

/// Returns the path segment for the key of a map. Keys that castore defines for messages are shown. Other keys are
/// content, which is not shown.
fn segment(key: &Trace) -> Segment {
    let Trace::Scalar(text) = key else { return Segment::Key };
    let own = ["event", "aggregate", "payload", "metadata"].into_iter();
    own.into_iter().find(|own| text.strip_prefix("text ") == Some(*own)).map_or(Segment::Key, Segment::Field)
}

/// Returns whether two values differ. If so, appends the path to the first difference to `path`.
fn differs(first: &Trace, second: &Trace, path: &mut Vec<Segment>) -> bool {
    fn part(first: &Trace, second: &Trace, segment: Segment, path: &mut Vec<Segment>) -> bool {
        path.push(segment);
        let differ = differs(first, second, path);
        if !differ {
            path.pop();
        }
        differ
    }
    match (first, second) {
        (Trace::Some(first), Trace::Some(second)) => differs(first, second, path),
        (Trace::Variant(name, first), Trace::Variant(other, second)) if name == other => {
            part(first, second, Segment::Variant(name), path)
        }
        (Trace::Seq(first), Trace::Seq(second)) if first.len() == second.len() => first
            .iter()
            .zip(second)
            .enumerate()
            .any(|(index, (first, second))| part(first, second, Segment::Index(index), path)),
        (Trace::Map(first), Trace::Map(second)) if first.len() == second.len() => first
            .iter()
            .zip(second)
            .any(|((key, first), (other_key, second))| key != other_key || part(first, second, segment(key), path)),
        (Trace::Fields(first), Trace::Fields(second)) => {
            // A field with `skip_serializing_if` may exist in only one of the two structs.
            let missing = |fields: &[(&str, Trace)], name: &str| fields.iter().all(|(other, _)| *other != name);
            let only_first = first.iter().find(|(name, _)| missing(second, name));
            let only_one = only_first.or_else(|| second.iter().find(|(name, _)| missing(first, name)));
            if let Some((name, _)) = only_one {
                path.push(Segment::Field(name));
                return true;
            }
            first.iter().any(|(name, value)| {
                let same = second.iter().find(|(other, _)| other == name);
                same.is_some_and(|(_, other)| part(value, other, Segment::Field(name), path))
            })
        }
        (first, second) => first != second,
    }
}

/// A serializer that records a [`Trace`]. It fails only if a `Serialize` impl fails.
struct Tracer;

struct Seq(Option<&'static str>, Vec<Trace>);
struct Map(Vec<(Trace, Trace)>, Trace);
struct Fields(Option<&'static str>, Vec<(&'static str, Trace)>);

fn in_variant(variant: Option<&'static str>, content: Trace) -> Trace {
    match variant {
        Some(variant) => Trace::Variant(variant, Box::new(content)),
        None => content,
    }
}

type Traced = Result<Trace, std::fmt::Error>;

macro_rules! scalars {
    ($($method:ident $type:ty;)*) => {
        $(fn $method(self, value: $type) -> Traced {
            Ok(Trace::Scalar(format!(concat!(stringify!($type), " {:?}"), value)))
        })*
    };
}

impl Serializer for Tracer {
    type Ok = Trace;
    type Error = std::fmt::Error;
    type SerializeSeq = Seq;
    type SerializeTuple = Seq;
    type SerializeTupleStruct = Seq;
    type SerializeTupleVariant = Seq;
    type SerializeMap = Map;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    scalars! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
        serialize_f32 f32;
        serialize_f64 f64;
        serialize_bytes &[u8];
    }

    fn serialize_char(self, value: char) -> Traced {
        self.collect_str(&value)
    }

    fn serialize_str(self, value: &str) -> Traced {
        Ok(Trace::Scalar(format!("text {value}")))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Traced {
        Ok(Trace::Scalar(format!("text {value}")))
    }

    fn serialize_none(self) -> Traced {
        Ok(Trace::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Traced {
        Ok(Trace::Some(Box::new(value.serialize(Tracer)?)))
    }

    fn serialize_unit(self) -> Traced {
        Ok(Trace::Scalar("unit".to_owned()))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Traced {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Traced {
        Ok(Trace::Variant(variant, Box::new(Trace::None)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Traced {
        value.serialize(Tracer)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Traced {
        Ok(Trace::Variant(variant, Box::new(value.serialize(Tracer)?)))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Seq, std::fmt::Error> {
        Ok(Seq(None, Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Seq, std::fmt::Error> {
        Ok(Seq(None, Vec::new()))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Seq, std::fmt::Error> {
        Ok(Seq(None, Vec::new()))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Seq, std::fmt::Error> {
        Ok(Seq(Some(variant), Vec::new()))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Map, std::fmt::Error> {
        Ok(Map(Vec::new(), Trace::None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, std::fmt::Error> {
        Ok(Fields(None, Vec::new()))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields, std::fmt::Error> {
        Ok(Fields(Some(variant), Vec::new()))
    }
}

macro_rules! sequences {
    ($($part:ident $method:ident;)*) => {$(
        impl $part for Seq {
            type Ok = Trace;
            type Error = std::fmt::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), std::fmt::Error> {
                self.1.push(value.serialize(Tracer)?);
                Ok(())
            }

            fn end(self) -> Traced {
                Ok(in_variant(self.0, Trace::Seq(self.1)))
            }
        }
    )*};
}

sequences! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! fields {
    ($($part:ident;)*) => {$(
        impl $part for Fields {
            type Ok = Trace;
            type Error = std::fmt::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), std::fmt::Error> {
                self.1.push((key, value.serialize(Tracer)?));
                Ok(())
            }

            fn end(self) -> Traced {
                Ok(in_variant(self.0, Trace::Fields(self.1)))
            }
        }
    )*};
}

fields! {
    SerializeStruct;
    SerializeStructVariant;
}

impl SerializeMap for Map {
    type Ok = Trace;
    type Error = std::fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), std::fmt::Error> {
        self.1 = key.serialize(Tracer)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), std::fmt::Error> {
        let key = std::mem::replace(&mut self.1, Trace::None);
        self.0.push((key, value.serialize(Tracer)?));
        Ok(())
    }

    fn end(self) -> Traced {
        Ok(Trace::Map(self.0))
    }
}
