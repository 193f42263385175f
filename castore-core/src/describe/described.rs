//! The text with which a macro describes a type, and the parser for this text.

use std::any::type_name;
use std::marker::PhantomData;

use super::{
    Content, EventDescription, Field, JsonShape, Lazy, RetiredDescription, Shape, Tagging, TypeName, TypeRef, Variant,
};

/// The description of a type, as a macro generates it: a text, and the shapes of the types to which the text refers.
///
/// The text has one part per line. The first line is the kind of the type. In all other lines, the first character is
/// the kind of the part, and tabs separate the columns:
///
/// ```text
/// struct | newtype | tuple | unit | untagged | enum TAB tag TAB content | events
/// |NAME    Ident          a variant
/// .key     ?+   Type  0   alias…   a field: `?` if it may be missing, `+` if it is flattened
/// =Type    0              a value without a name
/// <OLD     Type  0        a retired event type of the variant, or of the whole enum if no variant precedes the line
/// #Type    0              the type of aggregate ids
/// @Type    0              the type of the metadata
/// ```
///
/// The column after a type is the index of the type's shape, `*` if the shape follows from the name of the type, or `-`
/// if the type has no shape.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Described {
    name: &'static str,
    text: &'static str,
    shapes: &'static [Option<Lazy>],
}

/// A helper that looks up the shape of a concrete type at compile time. The compiler prefers the inherent constant
/// `SHAPE`, which exists for types with a shape, to the constant of the trait [`Unprobed`].
#[doc(hidden)]
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T: Shape + ?Sized> Probe<T> {
    pub const SHAPE: Option<Lazy> = Some(T::shape);
}

#[doc(hidden)]
pub trait Unprobed {
    const SHAPE: Option<Lazy> = None;
}

impl<T: ?Sized> Unprobed for Probe<T> {}

impl std::fmt::Debug for Described {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Described").field(&self.name).finish()
    }
}

impl<T: ?Sized> std::fmt::Debug for Probe<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Probe")
    }
}

impl Described {
    /// An empty description, for a type that no macro has described.
    pub const NONE: Self = Self::new("", "", &[]);

    pub const fn new(name: &'static str, text: &'static str, shapes: &'static [Option<Lazy>]) -> Self {
        Self { name, text, shapes }
    }

    /// Returns the name of the type, or an empty string if the type is not described.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the shape of the described type, which must be `T`. Returns `None` if the type is not described, or if
    /// it is a newtype around a type without a shape.
    pub fn shape_of<T: ?Sized>(&self) -> Option<JsonShape> {
        let name = TypeName { name: self.name, path: type_name::<T>() };
        let parts = self.read();
        let mut head = self.text.lines().next()?.split('\t');
        Some(match head.next()? {
            "struct" => JsonShape::Struct(name, parts.fields),
            "newtype" => return parts.values.first()?.shape(),
            "tuple" => JsonShape::Tuple(parts.values),
            "unit" => JsonShape::Scalar { name: "()", json_type: "null" },
            "untagged" => JsonShape::Enum(name, Tagging::Untagged, parts.variants),
            "enum" => {
                let tagging = match (head.next(), head.next()) {
                    (Some(tag), Some(content)) => Tagging::Adjacent { tag, content },
                    (Some(tag), None) => Tagging::Internal { tag },
                    (None, _) => Tagging::External,
                };
                JsonShape::Enum(name, tagging, parts.variants)
            }
            _ => return None,
        })
    }

    /// Returns the shape of the described type, which must be `T`. Unlike [`shape_of`](Self::shape_of), this method
    /// returns a scalar with the name of the type instead of `None`. For generated impls of `Shape`.
    pub fn shape<T: ?Sized>(&self) -> JsonShape {
        self.shape_of::<T>().unwrap_or(JsonShape::Scalar { name: self.name, json_type: "null" })
    }

    /// Returns the event types.
    pub fn events(&self) -> Vec<EventDescription> {
        let parts = self.read();
        let events = parts.variants.into_iter().zip(parts.retired);
        events
            .map(|(variant, from)| EventDescription {
                name: variant.name,
                variant: variant.ident,
                payload: variant.content,
                from,
            })
            .collect()
    }

    /// Returns the retired event types whose events may be converted to events of any type of the enum.
    pub fn retired(&self) -> Vec<RetiredDescription> {
        self.read().retired_as_any
    }

    /// Returns the types of the aggregate ids and of the metadata, if the text contains these types.
    pub fn id_and_metadata(&self) -> (Option<TypeRef>, Option<TypeRef>) {
        let parts = self.read();
        (parts.aggregate_id, parts.metadata)
    }

    fn read(&self) -> Parts {
        let mut parts = Parts::default();
        for line in self.text.lines().skip(1) {
            let Some(first) = line.chars().next() else { continue };
            let columns: Vec<&'static str> = line[first.len_utf8()..].split('\t').collect();
            match (first, columns.as_slice()) {
                ('|', [name, ident, rest @ ..]) => {
                    let content = if rest.is_empty() { Content::None } else { Content::Fields(Vec::new()) };
                    parts.variants.push(Variant { name, ident, content });
                    parts.retired.push(Vec::new());
                }
                ('.', [name, flags, ty, shape, aliases @ ..]) => parts.add_field(Field {
                    name,
                    aliases: aliases.to_vec(),
                    ty: self.ty(ty, shape),
                    optional: flags.contains('?'),
                    flattened: flags.contains('+'),
                }),
                ('=', [ty, shape]) => parts.add_value(self.ty(ty, shape)),
                ('<', [name, rest @ ..]) => {
                    let payload = match rest {
                        [ty, shape] => Some(self.ty(ty, shape)),
                        _ => None,
                    };
                    let retired = parts.retired.last_mut().unwrap_or(&mut parts.retired_as_any);
                    retired.push(RetiredDescription { name, payload });
                }
                ('#', [ty, shape]) => parts.aggregate_id = Some(self.ty(ty, shape)),
                ('@', [ty, shape]) => parts.metadata = Some(self.ty(ty, shape)),
                _ => {}
            }
        }
        parts
    }

    fn ty(&self, text: &'static str, shape: &str) -> TypeRef {
        match shape.parse::<usize>() {
            Ok(index) => TypeRef::probed(text, self.shapes.get(index).copied().flatten()),
            Err(_) if shape == "*" => TypeRef::plain(text),
            Err(_) => TypeRef::probed(text, None),
        }
    }
}

#[derive(Default)]
struct Parts {
    fields: Vec<Field>,
    values: Vec<TypeRef>,
    variants: Vec<Variant>,
    /// The retired event types of each variant.
    retired: Vec<Vec<RetiredDescription>>,
    /// The retired event types of the whole enum, whose events may be converted to events of any type.
    retired_as_any: Vec<RetiredDescription>,
    aggregate_id: Option<TypeRef>,
    metadata: Option<TypeRef>,
}

impl Parts {
    fn add_field(&mut self, field: Field) {
        match self.variants.last_mut().map(|variant| &mut variant.content) {
            None => self.fields.push(field),
            Some(Content::Fields(fields)) => fields.push(field),
            Some(content) => *content = Content::Fields(vec![field]),
        }
    }

    fn add_value(&mut self, value: TypeRef) {
        match self.variants.last_mut().map(|variant| &mut variant.content) {
            None => self.values.push(value),
            Some(Content::Tuple(values)) => values.push(value),
            Some(Content::Value(first)) => {
                let values = vec![*first, value];
                if let Some(variant) = self.variants.last_mut() {
                    variant.content = Content::Tuple(values);
                }
            }
            Some(content) => *content = Content::Value(value),
        }
    }
}
