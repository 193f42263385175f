//! The shapes of types of the standard library, and of this crate.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use super::{JsonShape, Shape, TypeRef};
use crate::event::Retired;
use crate::time::Timestamp;

macro_rules! scalars {
    ($($ty:ty => $json_type:literal),* $(,)?) => {$(
        impl Shape for $ty {
            fn shape() -> JsonShape {
                JsonShape::Scalar { name: stringify!($ty), json_type: $json_type }
            }
        }
    )*};
}

scalars! {
    String => "string", str => "string", char => "string", bool => "boolean", f32 => "number", f64 => "number",
    u8 => "integer", u16 => "integer", u32 => "integer", u64 => "integer", u128 => "integer", usize => "integer",
    i8 => "integer", i16 => "integer", i32 => "integer", i64 => "integer", i128 => "integer", isize => "integer",
    () => "null", Timestamp => "string",
}

/// Implements [`Shape`] for types that serde writes like their only type parameter.
macro_rules! transparent {
    ($($ty:ty),*) => {$(
        impl<T: Shape + ?Sized> Shape for $ty {
            fn shape() -> JsonShape {
                T::shape()
            }
        }
    )*};
}

transparent!(Box<T>, Arc<T>, Rc<T>, &T);

/// A retired payload is stored as the payload itself.
impl<T: Shape> Shape for Retired<T> {
    fn shape() -> JsonShape {
        T::shape()
    }
}

impl<T: Shape + ToOwned + ?Sized> Shape for Cow<'_, T> {
    fn shape() -> JsonShape {
        T::shape()
    }
}

impl<T: Shape> Shape for Option<T> {
    fn shape() -> JsonShape {
        JsonShape::Optional(TypeRef::of::<T>("T"))
    }
}

macro_rules! lists {
    ($($ty:ty $(, $hasher:ident)?);*) => {$(
        impl<T: Shape $(, $hasher)?> Shape for $ty {
            fn shape() -> JsonShape {
                JsonShape::List(TypeRef::of::<T>("T"))
            }
        }
    )*};
}

lists!(Vec<T>; VecDeque<T>; BTreeSet<T>; HashSet<T, H>, H; [T]);

impl<T: Shape, const N: usize> Shape for [T; N] {
    fn shape() -> JsonShape {
        JsonShape::Tuple(vec![TypeRef::of::<T>("T"); N])
    }
}

impl<K, V: Shape, H> Shape for HashMap<K, V, H> {
    fn shape() -> JsonShape {
        JsonShape::Map(TypeRef::of::<V>("V"))
    }
}

impl<K, V: Shape> Shape for BTreeMap<K, V> {
    fn shape() -> JsonShape {
        JsonShape::Map(TypeRef::of::<V>("V"))
    }
}

macro_rules! tuples {
    ($($($name:ident)+;)*) => {$(
        impl<$($name: Shape),+> Shape for ($($name,)+) {
            fn shape() -> JsonShape {
                JsonShape::Tuple(vec![$(TypeRef::of::<$name>(stringify!($name))),+])
            }
        }
    )*};
}

tuples! { A; A B; A B C; A B C D; }
