//! The options of `#[event(…)]`, on the enum and on its variants.

use super::evolution::retired_type::{FROM, RetiredType, RetiredTypes};
use crate::casing::Casing;
use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::{AttributeOptions, CRATE, OptionName, Original, Owner};
use crate::suggest;
use proc_macro2::Ident;
use syn::{Attribute, LitStr, Meta};

const RENAME_ALL: OptionName = OptionName::new("rename_all", r#"rename_all = "SCREAMING_SNAKE_CASE""#);
const TYPE_ENUM: OptionName = OptionName::new("type_enum", "type_enum = PokemonEventKind");
const OWN_SERDE: OptionName = OptionName::new("own_serde", "own_serde = true");
const TYPE: OptionName = OptionName::new("type", r#"type = "CAUGHT_BY_TRAINER""#);
const OTHER: OptionName = OptionName::word("other");

const ON_ENUM: Owner = Owner {
    attribute: "#[event]",
    names: &[RENAME_ALL, TYPE_ENUM, OWN_SERDE, FROM, CRATE],
    elsewhere: &[(TYPE, "on a variant"), (OTHER, "on a variant")],
    originals: &[],
};
const ON_VARIANT: Owner = Owner {
    attribute: "#[event]",
    names: &[TYPE, FROM, OTHER],
    elsewhere: &[
        (RENAME_ALL, "on the enum"),
        (TYPE_ENUM, "on the enum"),
        (OWN_SERDE, "on the enum"),
        (CRATE, "on the enum"),
    ],
    originals: &[("event_type", Original::Option(TYPE)), ("rename", Original::Option(TYPE))],
};

/// The options of `#[event(…)]` on the enum.
pub(super) struct EnumAttr {
    pub(super) rename_all: Option<Casing>,
    pub(super) type_enum: Option<Ident>,
    /// Whether the enum also derives serde's traits, for a purpose other than events.
    pub(super) own_serde: bool,
    /// The retired event types (old names of stored events) whose events may become any variant.
    pub(super) from: Vec<RetiredType>,
    pub(super) krate: Krate,
}

impl EnumAttr {
    pub(super) fn read(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let options = read_options(ON_ENUM, attrs, errors);
        let rename_all = options.get::<LitStr>(RENAME_ALL, errors);
        Self {
            rename_all: rename_all.and_then(|name| check_casing(&name, errors)),
            type_enum: options.get(TYPE_ENUM, errors),
            own_serde: options.get(OWN_SERDE, errors).unwrap_or_default(),
            from: read_from(&options, errors),
            krate: Krate::from_options(&options, errors),
        }
    }
}

/// The options of `#[event(…)]` on a variant.
pub(super) struct VariantAttr {
    pub(super) event_type: Option<LitStr>,
    /// The retired event types (old names of stored events) that are read as the variant.
    pub(super) from: Vec<RetiredType>,
    /// The option `other`, if it was given. It marks the variant for all undeclared event types.
    pub(super) other: Option<Ident>,
}

impl VariantAttr {
    pub(super) fn read(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let options = read_options(ON_VARIANT, attrs, errors);
        Self {
            event_type: options.get(TYPE, errors),
            from: read_from(&options, errors),
            other: options.key(OTHER).cloned(),
        }
    }
}

fn read_from(options: &AttributeOptions, errors: &mut Errors) -> Vec<RetiredType> {
    options.get::<RetiredTypes>(FROM, errors).map(|types| types.0).unwrap_or_default()
}

/// Rejects `#[event]` on a field.
pub(super) fn check_field(attrs: &[Attribute], errors: &mut Errors) {
    for attr in event_attributes(attrs) {
        errors.on(attr, "`#[event]` belongs on the enum or on a variant; for a field, write `#[serde(…)]`");
    }
}

fn read_options(owner: Owner, attrs: &[Attribute], errors: &mut Errors) -> AttributeOptions {
    let mut options = AttributeOptions::new(owner);
    for attr in event_attributes(attrs) {
        match &attr.meta {
            Meta::List(list) => options.read(list.tokens.clone(), errors),
            Meta::Path(_) | Meta::NameValue(_) => {
                let example = owner.names.first().map(|name| name.example).unwrap_or_default();
                errors.on(attr, format!("`#[event]` needs its options in parentheses; write `#[event({example})]`"));
            }
        }
    }
    options
}

fn event_attributes(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("event"))
}

fn check_casing(name: &LitStr, errors: &mut Errors) -> Option<Casing> {
    let text = name.value();
    let casing = Casing::from_name(&text);
    if casing.is_none() {
        let remedy = suggest::remedy(&text, &Casing::NAMES, "values");
        errors.on(name, format!("unknown `rename_all` value `{text}`; {remedy}"));
    }
    // An unknown casing is not replaced by the nearest one. The casing only changes the event types, which are used at
    // run time, so a replacement would not avoid any further compile error.
    casing
}
