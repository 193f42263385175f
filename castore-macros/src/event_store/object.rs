//! Detection of states that are not JSON objects, as far as their definition shows.

use crate::casing;
use crate::serde_attr::{self, Name};
use quote::ToTokens as _;
use syn::{Field, Fields, Item, ItemEnum, Meta, Type};

/// Returns the reason why the state cannot be written as an object. Returns `None` if the state can be written as an
/// object, or if this depends on serde impls that the macro cannot see.
///
/// An aggregate is one JSON object, which contains the id, the version and the entries of the state. Only
/// state-carrying messages contain such an object, so a state that is not an object is not an error by itself.
pub(super) fn why_no_object(item: &Item) -> Option<String> {
    match item {
        Item::Struct(item) => {
            let container = serde_attr::entries(&item.attrs);
            match converted(&container) {
                Some(reason) => reason,
                None => of_struct(&item.fields, serde_attr::has(&container, &["transparent"])),
            }
        }
        Item::Enum(item) => {
            let container = serde_attr::entries(&item.attrs);
            converted(&container).unwrap_or_else(|| of_enum(item, &container))
        }
        _ => None,
    }
}

/// Returns the result of [`why_no_object`] for a state that is serialized through another type, or `None` for any other
/// state.
fn converted(container: &[Meta]) -> Option<Option<String>> {
    let into = Name::find(container, "into").serialize?;
    let ty: Option<Type> = into.parse().ok();
    let reason = ty.as_ref().and_then(scalar).map(|ty| format!("it is serialized as {ty}"));
    Some(reason)
}

fn of_struct(fields: &Fields, is_transparent: bool) -> Option<String> {
    match fields {
        Fields::Named(fields) if is_transparent => {
            let ty = fields.named.iter().find_map(of_field)?;
            Some(format!("it is serialized as {ty}"))
        }
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 || is_transparent => {
            let ty = fields.unnamed.iter().find_map(of_field)?;
            Some(format!("it is serialized as {ty}"))
        }
        Fields::Unnamed(_) => Some("a tuple struct is serialized as an array".to_owned()),
        Fields::Named(_) | Fields::Unit => None,
    }
}

fn of_enum(item: &ItemEnum, container: &[Meta]) -> Option<String> {
    if serde_attr::has(container, &["tag"]) {
        return None;
    }
    let is_untagged = serde_attr::has(container, &["untagged"]);
    item.variants.iter().find_map(|variant| {
        let entries = serde_attr::entries(&variant.attrs);
        if serde_attr::has(&entries, &["skip", "skip_serializing", "with", "serialize_with"]) {
            return None;
        }
        let name = casing::text(&variant.ident);
        let is_untagged = is_untagged || serde_attr::has(&entries, &["untagged"]);
        match &variant.fields {
            Fields::Unit if is_untagged => Some(format!("its variant `{name}` is serialized as `null`")),
            Fields::Unit => Some(format!("its variant `{name}` is serialized as a string")),
            Fields::Unnamed(fields) if is_untagged && fields.unnamed.len() != 1 => {
                Some(format!("its variant `{name}` is serialized as an array"))
            }
            Fields::Unnamed(fields) if is_untagged => {
                let ty = fields.unnamed.first().and_then(of_field)?;
                Some(format!("its variant `{name}` is serialized as {ty}"))
            }
            Fields::Named(_) | Fields::Unnamed(_) => None,
        }
    })
}

/// Returns the kind of JSON value of a field, if it is certainly not an object. The kind is unknown if a function of
/// the user serializes the field.
fn of_field(field: &Field) -> Option<&'static str> {
    let entries = serde_attr::entries(&field.attrs);
    if serde_attr::has(&entries, &["with", "serialize_with", "skip", "skip_serializing"]) {
        return None;
    }
    scalar(&field.ty)
}

/// Returns the kind of JSON value of a type, if it is certainly not an object.
fn scalar(ty: &Type) -> Option<&'static str> {
    const NUMBERS: [&str; 14] =
        ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64"];
    match ty {
        Type::Tuple(_) | Type::Array(_) | Type::Slice(_) => Some("an array"),
        Type::Path(path) => {
            let segment = path.path.segments.last()?;
            let name = segment.ident.to_token_stream().to_string();
            match name.as_str() {
                "bool" => Some("a boolean"),
                "String" | "str" | "char" => Some("a string"),
                "Vec" => Some("an array"),
                number if NUMBERS.contains(&number) => Some("a number"),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::why_no_object;
    use syn::{Item, parse_quote};

    #[test]
    fn states_that_are_no_objects_are_recognized() {
        let cases: [(Item, &str); 8] = [
            (
                parse_quote!(
                    enum Door {
                        Open,
                        Closed,
                    }
                ),
                "its variant `Open` is serialized as a string",
            ),
            (
                parse_quote!(
                    #[serde(untagged)]
                    enum Door {
                        Open {},
                        Closed,
                    }
                ),
                "its variant `Closed` is serialized as `null`",
            ),
            (
                parse_quote!(
                    #[serde(untagged)]
                    enum Door {
                        Angle(f32),
                    }
                ),
                "its variant `Angle` is serialized as a number",
            ),
            (
                parse_quote!(
                    struct Door(u8, u8);
                ),
                "a tuple struct is serialized as an array",
            ),
            (
                parse_quote!(
                    struct Door(std::string::String);
                ),
                "it is serialized as a string",
            ),
            (
                parse_quote!(
                    #[serde(transparent)]
                    struct Door {
                        states: Vec<u8>,
                    }
                ),
                "it is serialized as an array",
            ),
            (
                parse_quote!(
                    #[serde(into = "u32")]
                    enum Door {
                        Open { angle: u8 },
                    }
                ),
                "it is serialized as a number",
            ),
            (
                parse_quote!(
                    #[serde(from = "D", into = "(u8, u8)")]
                    struct Door {}
                ),
                "it is serialized as an array",
            ),
        ];
        for (item, reason) in cases {
            assert_eq!(why_no_object(&item).as_deref(), Some(reason));
        }
    }

    #[test]
    fn states_that_may_be_objects_are_allowed() {
        let cases: [Item; 9] = [
            parse_quote!(
                struct Door {
                    angle: u8,
                }
            ),
            parse_quote!(
                struct Door;
            ),
            parse_quote!(
                struct Door(Inner);
            ),
            parse_quote!(
                #[serde(tag = "state")]
                enum Door {
                    Open,
                    Closed,
                }
            ),
            parse_quote!(
                #[serde(tag = "t", content = "c")]
                enum Door {
                    Open,
                    Angle(u8),
                }
            ),
            parse_quote!(
                enum Door {
                    Open { angle: u8 },
                    Angle(u8),
                    Pair(u8, u8),
                }
            ),
            parse_quote!(
                enum Door {
                    Open {
                        angle: u8,
                    },
                    #[serde(skip)]
                    Closed,
                }
            ),
            parse_quote!(
                struct Door(#[serde(with = "as_object")] u32);
            ),
            parse_quote!(
                #[serde(into = "Wire")]
                enum Door {
                    Open,
                    Closed,
                }
            ),
        ];
        for item in cases {
            assert_eq!(why_no_object(&item), None);
        }
    }
}
