use std::fmt;

use super::{JsonShape, Shape};

/// A function that returns a shape. Generated code contains one for each type with a shape.
pub type Lazy = fn() -> JsonShape;

/// A type as it is written in the source code, with its shape if the shape is known.
#[derive(Clone, Copy)]
pub struct TypeRef {
    text: &'static str,
    source: ShapeSource,
}

#[derive(Clone, Copy)]
enum ShapeSource {
    /// The shape follows from the text: the type and its arguments are types of the standard library.
    Text,
    Type(Lazy),
    Unknown,
}

impl TypeRef {
    /// Returns a reference to a type with a shape. `text` is the name of the type in texts for users.
    pub fn of<T: Shape>(text: &'static str) -> Self {
        Self { text, source: ShapeSource::Type(T::shape) }
    }

    /// Returns a reference to a type of the standard library, such as `Vec<String>`.
    pub(super) const fn plain(text: &'static str) -> Self {
        Self { text, source: ShapeSource::Text }
    }

    pub(super) const fn probed(text: &'static str, shape: Option<Lazy>) -> Self {
        let source = match shape {
            Some(shape) => ShapeSource::Type(shape),
            None => ShapeSource::Unknown,
        };
        Self { text, source }
    }

    /// Returns the type as it is written in the source code.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Returns the shape of the type. Returns `None` if the type does not implement [`Shape`]. With the feature
    /// `schemars`, `JsonSchema` is sufficient, too. Also returns `None` if the field is serialized by a custom function
    /// (`#[serde(with = …)]`).
    pub fn shape(&self) -> Option<JsonShape> {
        match self.source {
            ShapeSource::Text => plain_shape(self.text),
            ShapeSource::Type(shape) => Some(shape()),
            ShapeSource::Unknown => None,
        }
    }
}

impl fmt::Debug for TypeRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text)
    }
}

/// The scalar types, which the macros do not look up, because the shape follows from the text.
const SCALARS: [(&str, &str); 17] = [
    ("String", "string"),
    ("char", "string"),
    ("bool", "boolean"),
    ("u8", "integer"),
    ("u16", "integer"),
    ("u32", "integer"),
    ("u64", "integer"),
    ("u128", "integer"),
    ("usize", "integer"),
    ("i8", "integer"),
    ("i16", "integer"),
    ("i32", "integer"),
    ("i64", "integer"),
    ("i128", "integer"),
    ("isize", "integer"),
    ("f32", "number"),
    ("f64", "number"),
];

fn plain_shape(text: &'static str) -> Option<JsonShape> {
    if let Some((name, json_type)) = SCALARS.iter().find(|(name, _)| *name == text) {
        return Some(JsonShape::Scalar { name, json_type });
    }
    let (name, inner) = text.strip_suffix('>')?.split_once('<')?;
    let inner = TypeRef::plain(inner);
    match name {
        "Vec" => Some(JsonShape::List(inner)),
        "Option" => Some(JsonShape::Optional(inner)),
        "Box" => inner.shape(),
        _ => None,
    }
}
