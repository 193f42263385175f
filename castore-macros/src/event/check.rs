//! Checks of event enums.

use super::evolution::check::{OTHER_TYPE, check_evolution};
use super::model::{EventEnum, Variant};
use crate::casing;
use crate::errors::Errors;
use crate::generics::generic_tokens;
use crate::names::check_name;
use crate::serde_attr;
use crate::suggest;
use crate::text;
use quote::ToTokens as _;
use syn::{Data, Fields, Meta};

/// The reserved event types. On some brokers, they replace the event type of replayed messages and of messages without
/// an event.
const RESERVED: [&str; 2] = ["__REPLAYED__", "__AGGREGATE_EXISTS__"];

pub(super) fn check(event: &EventEnum<'_>, errors: &mut Errors) {
    check_kind(event, errors);
    check_generics(event, errors);
    check_enum_serde(event, errors);
    for variant in &event.variants {
        check_fields(variant, errors);
        check_discriminant(variant, errors);
        check_event_type(variant, errors);
        check_variant_serde(variant, event.own_serde, errors);
        check_field_serde(variant, errors);
    }
    check_distinct(event, errors);
    check_evolution(event, errors);
}

fn check_kind(event: &EventEnum<'_>, errors: &mut Errors) {
    let (ident, name) = (event.ident(), casing::text(event.ident()));
    let kind = match &event.source.data {
        Data::Enum(_) if event.variants.is_empty() => {
            return errors.on(ident, format!("event enum `{name}` has no variants; add one for each event type"));
        }
        Data::Enum(_) => return,
        Data::Struct(_) => "struct",
        Data::Union(_) => "union",
    };
    errors.on(
        ident,
        format!(
            "`#[derive(Event)]` belongs on an enum with a variant for each event type, but `{name}` is a {kind}; \
             write `enum {name} {{ … }}`"
        ),
    );
}

fn check_generics(event: &EventEnum<'_>, errors: &mut Errors) {
    if let Some(tokens) = generic_tokens(&event.source.generics) {
        let name = casing::text(event.ident());
        errors.on(tokens, format!("event enum `{name}` is generic; write concrete types instead of the parameters"));
    }
}

fn check_fields(variant: &Variant<'_>, errors: &mut Errors) {
    let Fields::Unnamed(fields) = &variant.source.fields else { return };
    let name = casing::text(variant.ident());
    match fields.unnamed.len() {
        1 => {}
        0 => errors.on(
            variant.source.ident.clone(),
            format!("variant `{name}` has empty parentheses; write `{name}` for an event without payload"),
        ),
        count => errors.on(
            fields,
            format!(
                "variant `{name}` has {count} unnamed fields, but an event has one payload; \
                 name the fields, `{name} {{ … }}`, or put them into a struct, `{name}({name}Payload)`"
            ),
        ),
    }
}

fn check_discriminant(variant: &Variant<'_>, errors: &mut Errors) {
    if let Some((_, number)) = &variant.source.discriminant {
        errors.on(number, "an event is identified by its type, not by a number; remove the discriminant");
    }
}

fn check_event_type(variant: &Variant<'_>, errors: &mut Errors) {
    if variant.other.is_some() {
        return;
    }
    let (event_type, tokens) = (&variant.event_type, &variant.event_type_tokens);
    let example = format!("type = \"{}\"", casing::screaming_snake_case(&casing::text(variant.ident())));
    check_name(event_type, tokens, "the event type", &example, errors);
    if event_type == OTHER_TYPE {
        errors.on(
            tokens,
            format!(
                "event type `{event_type}` is reserved for event types that the enum does not declare; use another name"
            ),
        );
    }
    if RESERVED.contains(&event_type.as_str()) {
        errors.on(
            tokens,
            format!("event type `{event_type}` is reserved for messages of castore itself; use another name"),
        );
    }
}

/// Rejects variants that share an event type: all of them would be read back as the same variant.
fn check_distinct(event: &EventEnum<'_>, errors: &mut Errors) {
    for (i, variant) in event.declared().enumerate() {
        let event_type = &variant.event_type;
        let mut earlier = event.declared().take(i).filter(|other| other.event_type == *event_type);
        if let Some(first) = earlier.next() {
            let (first_name, name) = (casing::text(first.ident()), casing::text(variant.ident()));
            errors.on(
                &variant.event_type_tokens,
                format!(
                    "variants `{first_name}` and `{name}` have the same event type `{event_type}`; \
                     give `{name}` its own, `#[event(type = \"…\")]`"
                ),
            );
            // This error is reported only once for each event type, even if more than two variants share it.
            if earlier.next().is_none() {
                errors.on(&first.event_type_tokens, format!("event type `{event_type}` is first given here"));
            }
        }
    }
}

/// The serde options that are allowed on the enum. They are copied to the mirror (the hidden enum with serde's
/// derives), except for `crate`, which belongs to a serde derive on the enum itself.
const ENUM_OPTIONS: [&str; 3] = ["rename_all_fields", "deny_unknown_fields", "crate"];
/// The serde options that are allowed on the enum and on its variants only with `own_serde`. They belong to the serde
/// derive on the enum, and the mirror does not use them.
const OWN_ENUM_OPTIONS: [&str; 9] =
    ["rename_all", "tag", "content", "untagged", "bound", "expecting", "from", "try_from", "into"];
const OWN_VARIANT_OPTIONS: [&str; 7] =
    ["rename", "alias", "skip", "skip_serializing", "skip_deserializing", "other", "untagged"];
/// The serde options of variants that are copied to the mirror (the hidden enum with serde's derives).
pub(super) const VARIANT_OPTIONS: [&str; 6] =
    ["rename_all", "with", "serialize_with", "deserialize_with", "bound", "borrow"];
const FIELD_OPTIONS: [&str; 13] = [
    "rename",
    "alias",
    "default",
    "flatten",
    "skip",
    "skip_serializing",
    "skip_deserializing",
    "skip_serializing_if",
    "with",
    "serialize_with",
    "deserialize_with",
    "borrow",
    "bound",
];

/// Rejects an option that is not supported. If the option were ignored, events would be stored with different keys than
/// the user intended.
fn check_supported(entry: &Meta, on: &str, supported: &[&str], errors: &mut Errors) {
    let path = entry.path();
    if supported.iter().any(|name| path.is_ident(name)) {
        return;
    }
    let name = text::compact(path.to_token_stream());
    let options = suggest::list(supported.iter().copied());
    let message = match suggest::nearest(&name, supported.iter().copied()) {
        Some(nearest) => format!("unknown option `{name}` of `#[serde]` on {on}; did you mean `{nearest}`?"),
        None => format!("serde's `{name}` is not supported on {on}; the supported options are {options}"),
    };
    errors.on(path, message);
}

fn check_field_serde(variant: &Variant<'_>, errors: &mut Errors) {
    for field in &variant.source.fields {
        for entry in serde_attr::entries(&field.attrs) {
            check_supported(&entry, "a field of an event", &FIELD_OPTIONS, errors);
        }
    }
}

/// Rejects serde options that would silently have no effect, because `#[event]` controls how events are tagged and
/// named.
fn check_enum_serde(event: &EventEnum<'_>, errors: &mut Errors) {
    for entry in serde_attr::entries(event.attrs()) {
        let name = path_name(&entry);
        if event.own_serde && OWN_ENUM_OPTIONS.contains(&name.as_str()) {
            continue;
        }
        match name.as_str() {
            "rename_all" => {
                errors.on(entry, "serde's `rename_all` does not name event types; write `#[event(rename_all = …)]`, or `#[event(own_serde = true)]` if the enum derives serde's traits for another purpose");
            }
            "tag" | "content" | "untagged" => errors
                .on(entry, format!("events are stored with their type beside the payload; remove serde's `{name}`")),
            _ => check_supported(&entry, "an event enum", &ENUM_OPTIONS, errors),
        }
    }
}

fn check_variant_serde(variant: &Variant<'_>, own_serde: bool, errors: &mut Errors) {
    for entry in serde_attr::entries(&variant.source.attrs) {
        let name = path_name(&entry);
        if own_serde && OWN_VARIANT_OPTIONS.contains(&name.as_str()) {
            continue;
        }
        match name.as_str() {
            "rename" => {
                errors.on(entry, "serde's `rename` does not name an event type; write `#[event(type = \"…\")]`")
            }
            "alias" => errors.on(
                entry,
                "serde's `alias` does not add a name to an event type; to read events that are stored with another name, \
                 write `#[event(from(\"…\"))]`",
            ),
            "skip" | "skip_serializing" | "skip_deserializing" => {
                errors.on(entry, format!("every event type must be stored and read; remove serde's `{name}`"));
            }
            "other" => errors.on(
                entry,
                "serde's `other` does not apply to event types; to read events of unknown types, write `#[event(other)]`",
            ),
            "untagged" => errors.on(entry, "each event is read as the variant of its event type; remove serde's `untagged`"),
            _ => check_supported(&entry, "a variant of an event enum", &VARIANT_OPTIONS, errors),
        }
    }
}

fn path_name(entry: &Meta) -> String {
    entry.path().get_ident().map(ToString::to_string).unwrap_or_default()
}
