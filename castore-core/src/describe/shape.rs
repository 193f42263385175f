use super::TypeRef;

/// A type with a description of its JSON. Derive this trait with `#[derive(Shape)]` for types inside payloads, states
/// and metadata.
///
/// A type without a shape is described only by its name. A change inside such a type does not invalidate snapshots, and
/// is not reported by `locked!`, the test that compares the description of a program with a committed file. With the
/// feature `schemars`, generated documents contain the JSON Schema of a type that implements `schemars::JsonSchema`.
///
/// Implement this trait by hand for generic types:
///
/// ```
/// use castore::describe::{JsonShape, Shape, TypeRef};
///
/// # #[allow(dead_code)]
/// struct Sorted<T>(Vec<T>);
///
/// impl<T: Shape> Shape for Sorted<T> {
///     fn shape() -> JsonShape {
///         JsonShape::List(TypeRef::of::<T>("T"))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "the JSON shape of `{Self}` is not known",
    label = "needs `#[derive(Shape)]`",
    note = "add `#[derive(Shape)]` to the type `{Self}`"
)]
pub trait Shape {
    /// Returns the shape of the type. The shapes of the types inside are computed only on request, so that a type may
    /// contain itself.
    fn shape() -> JsonShape;
}

/// The JSON that serde writes for a type.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum JsonShape {
    /// A value without parts.
    Scalar {
        /// The name of the Rust type.
        name: &'static str,
        /// The type in JSON Schema, for example `integer`.
        json_type: &'static str,
    },
    /// `null`, or a value.
    Optional(TypeRef),
    /// An array.
    List(TypeRef),
    /// An array with a fixed number of elements.
    Tuple(Vec<TypeRef>),
    /// An object with arbitrary keys.
    Map(TypeRef),
    /// An object.
    Struct(TypeName, Vec<Field>),
    /// An enum: one of several variants.
    Enum(TypeName, Tagging, Vec<Variant>),
    /// A value that a JSON Schema describes: the type implements `schemars::JsonSchema` and not [`Shape`]. Requires the
    /// feature `schemars`.
    Schema {
        /// The name of the type in schemas.
        name: String,
        /// The schema, without titles and descriptions. Nested schemas are inlined.
        schema: serde_json::Value,
    },
}

/// The name of a Rust type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeName {
    /// The name without its module.
    pub name: &'static str,
    /// The name with its module, which distinguishes types of the same name.
    pub path: &'static str,
}

/// The way in which serde writes the name of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tagging {
    /// The name is the only key of an object. A variant without content is written as its name, a string.
    External,
    /// The name is the value of the key `tag`, beside the fields of the variant.
    Internal {
        /// The key whose value is the name.
        tag: &'static str,
    },
    /// The name and the content are the values of two separate keys.
    Adjacent {
        /// The key whose value is the name.
        tag: &'static str,
        /// The key whose value is the content.
        content: &'static str,
    },
    /// The name is not written.
    Untagged,
}

/// A field of an object.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Field {
    /// The key in JSON, or the name of the field in Rust if the field is flattened.
    pub name: &'static str,
    /// Other keys from which the field is read.
    pub aliases: Vec<&'static str>,
    /// The type of the value.
    pub ty: TypeRef,
    /// Whether the key may be missing, because the field is an `Option` or has a default.
    pub optional: bool,
    /// Whether the field is flattened, so that the keys of its value are keys of this object.
    pub flattened: bool,
}

/// A variant of an enum.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Variant {
    /// The name in JSON.
    pub name: &'static str,
    /// The name in Rust.
    pub ident: &'static str,
    /// The content.
    pub content: Content,
}

/// The content of an event or of a variant.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Content {
    /// No content.
    None,
    /// One value.
    Value(TypeRef),
    /// Several values without names.
    Tuple(Vec<TypeRef>),
    /// Named fields.
    Fields(Vec<Field>),
}

impl Content {
    /// Returns the named fields of the content, or the fields of its only value if that value is a struct. Returns
    /// `None` in all other cases.
    pub fn fields(&self) -> Option<Vec<Field>> {
        match self {
            Self::Fields(fields) => Some(fields.clone()),
            Self::Value(ty) => match ty.shape()? {
                JsonShape::Struct(_, fields) => Some(fields),
                _ => None,
            },
            Self::None | Self::Tuple(_) => None,
        }
    }
}
