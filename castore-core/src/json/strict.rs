use std::fmt::Display;

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::RAW_VALUE;
use super::path::Segment;
use super::watch::Watch;

/// A wrapper that serializes a value as JSON that can be read again, with any serializer. `root` is the name of the
/// value in errors.
pub(crate) struct Strict<'a, T: ?Sized> {
    pub(crate) root: &'static str,
    pub(crate) value: &'a T,
}

impl<T: Serialize + ?Sized> Serialize for Strict<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_strict(self.root, self.value, serializer)
    }
}

/// Serializes a value with the given serializer, as JSON that can be read again.
pub(crate) fn serialize_strict<T: Serialize + ?Sized, S: Serializer>(
    root: &'static str,
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let watch = Watch::default();
    let written = value.serialize(StrictSerializer { inner: serializer, watch: &watch });
    written.map_err(|error| match watch.own_error(root) {
        Some(own) => S::Error::custom(own),
        None => error,
    })
}

/// A wrapper that serializes a value with a [`StrictSerializer`] that reports to `watch`.
pub(super) struct Watched<'a, T: ?Sized> {
    pub(super) value: &'a T,
    pub(super) watch: &'a Watch,
}

impl<T: Serialize + ?Sized> Serialize for Watched<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(StrictSerializer { inner: serializer, watch: self.watch })
    }
}

/// A serializer that forwards values to an inner serializer, but rejects NaN, infinities and deep nesting.
struct StrictSerializer<'a, S> {
    inner: S,
    watch: &'a Watch,
}

/// A serializer for the parts of a compound value: elements, fields or map entries.
struct Parts<'a, S> {
    inner: S,
    watch: &'a Watch,
    /// The name of the variant, if the value is the content of a variant.
    variant: Option<&'static str>,
    index: usize,
}

impl<'a, S: Serializer> StrictSerializer<'a, S> {
    fn parts<P>(
        self,
        variant: Option<&'static str>,
        open: impl FnOnce(S) -> Result<P, S::Error>,
    ) -> Result<Parts<'a, P>, S::Error> {
        self.watch.enter()?;
        Ok(Parts { inner: open(self.inner)?, watch: self.watch, variant, index: 0 })
    }
}

macro_rules! forward {
    ($($method:ident($($name:ident: $argument:ty),*);)*) => {
        $(fn $method(self, $($name: $argument),*) -> Result<S::Ok, S::Error> {
            self.inner.$method($($name),*)
        })*
    };
}

impl<'a, S: Serializer> Serializer for StrictSerializer<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Parts<'a, S::SerializeSeq>;
    type SerializeTuple = Parts<'a, S::SerializeTuple>;
    type SerializeTupleStruct = Parts<'a, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Parts<'a, S::SerializeTupleVariant>;
    type SerializeMap = Parts<'a, S::SerializeMap>;
    type SerializeStruct = Parts<'a, S::SerializeStruct>;
    type SerializeStructVariant = Parts<'a, S::SerializeStructVariant>;

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        if value.is_finite() { self.inner.serialize_f32(value) } else { Err(self.watch.not_finite()) }
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        if value.is_finite() { self.inner.serialize_f64(value) } else { Err(self.watch.not_finite()) }
    }

    fn serialize_str(self, text: &str) -> Result<S::Ok, S::Error> {
        self.watch.text(text)?;
        self.inner.serialize_str(text)
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.serialize_some(&Watched { value, watch: self.watch })
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_struct(name, &Watched { value, watch: self.watch })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let watch = self.watch;
        watch.enter()?;
        let written = self.inner.serialize_newtype_variant(name, index, variant, &Watched { value, watch });
        watch.leave();
        written.map_err(|error| watch.passed(error, Segment::Variant(variant)))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.parts(None, |inner| inner.serialize_seq(length))
    }

    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.parts(None, |inner| inner.serialize_tuple(length))
    }

    fn serialize_tuple_struct(self, name: &'static str, length: usize) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.parts(None, |inner| inner.serialize_tuple_struct(name, length))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        // A tuple variant is an object that contains an array, so it has two levels.
        self.watch.enter()?;
        self.parts(Some(variant), |inner| inner.serialize_tuple_variant(name, index, variant, length))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.parts(None, |inner| inner.serialize_map(length))
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Self::SerializeStruct, S::Error> {
        self.parts(None, |inner| inner.serialize_struct(name, length))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.watch.enter()?;
        self.parts(Some(variant), |inner| inner.serialize_struct_variant(name, index, variant, length))
    }

    forward! {
        serialize_bool(value: bool);
        serialize_i8(value: i8);
        serialize_i16(value: i16);
        serialize_i32(value: i32);
        serialize_i64(value: i64);
        serialize_i128(value: i128);
        serialize_u8(value: u8);
        serialize_u16(value: u16);
        serialize_u32(value: u32);
        serialize_u64(value: u64);
        serialize_u128(value: u128);
        serialize_char(value: char);
        serialize_bytes(value: &[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(name: &'static str);
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str);
    }
}

impl<S> Parts<'_, S> {
    #[cold]
    fn passed<E>(&self, error: E, segment: Segment) -> E {
        let error = self.watch.passed(error, segment);
        match self.variant {
            Some(variant) => self.watch.passed(error, Segment::Variant(variant)),
            None => error,
        }
    }

    fn leave(&self) {
        self.watch.leave();
        if self.variant.is_some() {
            self.watch.leave();
        }
    }
}

macro_rules! elements {
    ($($part:ident $method:ident;)*) => {$(
        impl<S: $part> $part for Parts<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
                match self.inner.$method(&Watched { value, watch: self.watch }) {
                    Ok(()) => {
                        self.index += 1;
                        Ok(())
                    }
                    Err(error) => Err(self.passed(error, Segment::Index(self.index))),
                }
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.leave();
                self.inner.end()
            }
        }
    )*};
}

elements! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! fields {
    ($($part:ident;)*) => {$(
        impl<S: $part> $part for Parts<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), S::Error> {
                if key == RAW_VALUE {
                    self.watch.expect_raw();
                }
                match self.inner.serialize_field(key, &Watched { value, watch: self.watch }) {
                    Ok(()) => Ok(()),
                    Err(error) if key == RAW_VALUE => Err(error),
                    Err(error) => Err(self.passed(error, Segment::Field(key))),
                }
            }

            fn skip_field(&mut self, key: &'static str) -> Result<(), S::Error> {
                self.inner.skip_field(key)
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.leave();
                self.inner.end()
            }
        }
    )*};
}

fields! {
    SerializeStruct;
    SerializeStructVariant;
}

impl<S: SerializeMap> SerializeMap for Parts<'_, S> {
    type Ok = S::Ok;
    type Error = S::Error;

    /// Writes a key without checking it: a key is text, or a number that the inner serializer rejects if the number is
    /// not finite.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.inner.serialize_key(key).map_err(|error| self.passed(error, Segment::Key))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        let written = self.inner.serialize_value(&Watched { value, watch: self.watch });
        written.map_err(|error| self.passed(error, Segment::Key))
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.leave();
        self.inner.end()
    }
}
