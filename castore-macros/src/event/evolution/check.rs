//! Checks of `from(…)` and `other`.

use super::retired_type::RetiredType;
use crate::casing;
use crate::errors::Errors;
use crate::event::model::{EventEnum, Variant};
use crate::names::check_name;
use syn::{Fields, LitStr, Path, Type};

/// The name of the event type that stands for all undeclared event types.
pub(in crate::event) const OTHER_TYPE: &str = "__OTHER__";

pub(in crate::event) fn check_evolution(event: &EventEnum<'_>, errors: &mut Errors) {
    check_retired(event, errors);
    check_other(event, errors);
}

/// A retired name, and a description of the place where it is listed.
struct Listed<'a> {
    name: String,
    literal: &'a LitStr,
    place: String,
    is_reported: bool,
}

/// Rejects retired names that are listed twice or are still in use, because the stored name determines how an event is
/// read.
fn check_retired(event: &EventEnum<'_>, errors: &mut Errors) {
    let mut seen: Vec<Listed<'_>> = Vec::new();
    for (variant, retired) in event.retired() {
        let (literal, name) = (&retired.name, retired.name.value());
        check_name(&name, literal, "the retired event type", r#"from("APPEARED")"#, errors);
        if name.trim().is_empty() {
            continue;
        }
        if let Some(current) = event.declared().find(|current| current.event_type == name) {
            errors.on(literal, in_use(&name, current, variant));
        } else if let Some(first) = seen.iter_mut().find(|first| first.name == name) {
            let place = &first.place;
            errors.on(literal, format!("retired event type `{name}` is already read as {place}; remove one of them"));
            // The error at the first place is reported only once, even if the name is listed more than twice.
            if !std::mem::replace(&mut first.is_reported, true) {
                errors.on(first.literal, format!("event type `{name}` is first retired here"));
            }
        } else {
            if variant.is_none() && retired.payloads.is_empty() {
                errors.on(literal, without_target(&name));
            }
            let place = variant.map_or_else(|| "any variant".to_owned(), |variant| format!("`{}`", text(variant)));
            seen.push(Listed { name, literal, place, is_reported: false });
        }
    }
}

fn in_use(name: &str, current: &Variant<'_>, lists: Option<&Variant<'_>>) -> String {
    let current_name = text(current);
    let remedy = if lists.is_some_and(|variant| variant.ident() == current.ident()) {
        format!("give `{current_name}` a new type, such as `type = \"{name}_V2\"`")
    } else {
        format!("give `{current_name}` another type, or remove `{name}` from this list")
    };
    format!("event type `{name}` cannot be retired, because it is the type of variant `{current_name}`; {remedy}")
}

fn without_target(name: &str) -> String {
    format!(
        "retired event type `{name}` has no payload to convert; name its payload, `from(\"{name}\" = …)`, or move \
         `from(\"{name}\")` to the variant that it is read as"
    )
}

/// Checks that at most one variant has the option `other`, that this variant contains an `UnknownEvent`, and that no
/// variant without the option contains one.
fn check_other(event: &EventEnum<'_>, errors: &mut Errors) {
    let mut first: Option<&Variant<'_>> = None;
    for variant in &event.variants {
        let name = text(variant);
        let Some(word) = &variant.other else {
            if let Some(ty) = payload(variant).filter(|ty| is_unknown_event(ty)) {
                let message =
                    format!("`UnknownEvent` holds events of undeclared types; add `#[event(other)]` to `{name}`");
                errors.on(ty, message);
            }
            continue;
        };
        if let Some(first) = first {
            let first = text(first);
            errors.on(
                word,
                format!("variant `{first}` already stands for all undeclared event types; remove one `other`"),
            );
            continue;
        }
        first = Some(variant);
        if let Some(given) = &variant.given_type {
            errors.on(given, format!("`{name}` stands for all undeclared event types; remove its `type`"));
        }
        if let Some(RetiredType { name: retired, .. }) = variant.from.first() {
            let message =
                format!("`{name}` stands for all undeclared event types; move `from` to a variant with a type");
            errors.on(retired, message);
        }
        if !payload(variant).is_some_and(ends_with_unknown_event) {
            let message =
                format!("an event of an undeclared type is kept in an `UnknownEvent`; write `{name}(UnknownEvent)`");
            errors.on(variant.source, message);
        }
    }
}

fn text(variant: &Variant<'_>) -> String {
    casing::text(variant.ident())
}

/// Returns the type of the variant's unnamed field, if there is exactly one.
fn payload<'a>(variant: &Variant<'a>) -> Option<&'a Type> {
    let Fields::Unnamed(fields) = &variant.source.fields else { return None };
    fields.unnamed.first().filter(|_| fields.unnamed.len() == 1).map(|field| &field.ty)
}

fn ends_with_unknown_event(ty: &Type) -> bool {
    path_of(ty).and_then(|path| path.segments.last()).is_some_and(|last| last.ident == "UnknownEvent")
}

/// Returns whether the type is probably castore's `UnknownEvent`: it is written without a path, or with a path that
/// starts with `castore`. A user who has another type of this name can write its path.
fn is_unknown_event(ty: &Type) -> bool {
    let is_ours =
        |path: &Path| path.segments.len() == 1 || path.segments.first().is_some_and(|first| first.ident == "castore");
    ends_with_unknown_event(ty) && path_of(ty).is_some_and(is_ours)
}

fn path_of(ty: &Type) -> Option<&Path> {
    match ty {
        Type::Path(path) => Some(&path.path),
        _ => None,
    }
}
