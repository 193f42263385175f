//! Single-line texts of shapes. The names of structs and enums with a known shape are omitted, so types with the same
//! JSON have the same text. Types without a shape, and types with only a JSON Schema, are shown with their names.

use std::fmt;

use super::{Content, Field, JsonShape, Tagging, TypeName, TypeRef, Variant};
use crate::event_sourced::EventSourced;
use crate::hash;

/// Writes the shape on one line, for example `{a?: String, b: [u32]}`. The keys of objects are sorted. `{a|b: T}` is a
/// key with an alias, `..T` is a flattened field, `[T]` is a list, `(A, B)` is a tuple, `T?` is an optional value,
/// `{*: T}` is a map, `tag<a | b{…}>` is an enum, and `^1` refers to the innermost enclosing struct or enum.
impl fmt::Display for JsonShape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&of_shape(self, &mut Vec::new()))
    }
}

/// Writes the shape of the type, or the name of the type and `(opaque)` if the type has no shape.
impl fmt::Display for TypeRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&of_type(self, &mut Vec::new()))
    }
}

fn of_type(ty: &TypeRef, within: &mut Vec<TypeName>) -> String {
    match ty.shape() {
        // Any crate of the program can enable the feature `schemars`. The texts in a lock file and the hashes in
        // snapshots must not depend on this feature, so they do not contain schemas.
        Some(JsonShape::Schema { .. }) | None => format!("{} (opaque)", ty.text()),
        Some(shape) => of_shape(&shape, within),
    }
}

fn of_shape(shape: &JsonShape, within: &mut Vec<TypeName>) -> String {
    match shape {
        JsonShape::Scalar { name, .. } => (*name).to_owned(),
        JsonShape::Optional(inner) => format!("{}?", of_type(inner, within)),
        JsonShape::List(inner) => format!("[{}]", of_type(inner, within)),
        JsonShape::Tuple(parts) => format!("({})", of_types(parts, within)),
        JsonShape::Map(inner) => format!("{{*: {}}}", of_type(inner, within)),
        JsonShape::Struct(name, fields) => nested(*name, within, |within| of_fields(fields, within)),
        JsonShape::Enum(name, tagging, variants) => nested(*name, within, |within| {
            let tagging = match tagging {
                Tagging::External => "enum".to_owned(),
                Tagging::Internal { tag } => (*tag).to_owned(),
                Tagging::Adjacent { tag, content } => format!("{tag}+{content}"),
                Tagging::Untagged => "untagged".to_owned(),
            };
            let variants: Vec<String> = variants.iter().map(|variant| of_variant(variant, within)).collect();
            format!("{tagging}<{}>", variants.join(" | "))
        }),
        JsonShape::Schema { name, .. } => format!("{name} (opaque)"),
    }
}

/// Returns the text of a struct or an enum. Where the type occurs inside itself, returns `^` and the number of levels
/// up to the enclosing occurrence instead.
fn nested(name: TypeName, within: &mut Vec<TypeName>, write: impl FnOnce(&mut Vec<TypeName>) -> String) -> String {
    if let Some(levels) = within.iter().rev().position(|outer| *outer == name) {
        return format!("^{}", levels + 1);
    }
    within.push(name);
    let text = write(within);
    within.pop();
    text
}

fn of_types(types: &[TypeRef], within: &mut Vec<TypeName>) -> String {
    types.iter().map(|ty| of_type(ty, within)).collect::<Vec<_>>().join(", ")
}

fn of_fields(fields: &[Field], within: &mut Vec<TypeName>) -> String {
    let mut fields: Vec<String> = fields
        .iter()
        .map(|field| {
            let ty = of_type(&field.ty, within);
            let aliases: String = field.aliases.iter().map(|alias| format!("|{alias}")).collect();
            match (field.flattened, field.optional) {
                (true, _) => format!("..{ty}"),
                (false, true) => format!("{}{aliases}?: {ty}", field.name),
                (false, false) => format!("{}{aliases}: {ty}", field.name),
            }
        })
        .collect();
    fields.sort_unstable();
    format!("{{{}}}", fields.join(", "))
}

fn of_variant(variant: &Variant, within: &mut Vec<TypeName>) -> String {
    match &variant.content {
        Content::None => variant.name.to_owned(),
        Content::Value(ty) => format!("{}({})", variant.name, of_type(ty, within)),
        Content::Tuple(types) => format!("{}({})", variant.name, of_types(types, within)),
        Content::Fields(fields) => format!("{}{}", variant.name, of_fields(fields, within)),
    }
}

/// Returns a hash of the state's own definition and of the shapes inside it. The hash is stored with snapshots.
#[doc(hidden)]
pub fn state_shape<S: EventSourced>() -> u64 {
    match S::DESCRIPTION.shape_of::<S>() {
        Some(shape) => hash::extend(S::STATE_SHAPE, shape.to_string().as_bytes()),
        None => S::STATE_SHAPE,
    }
}
