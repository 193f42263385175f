//! The options of `#[event_subset(…)]`, on the enum.

use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::{AttributeOptions, CRATE, OptionName, Owner};
use syn::{Attribute, Meta, Path};

pub(super) const OF: OptionName = OptionName::new("of", "of = PokemonEvent");

const OWNER: Owner = Owner { attribute: "#[event_subset]", names: &[OF, CRATE], elsewhere: &[], originals: &[] };

/// The options of `#[event_subset(…)]`.
pub(super) struct SubsetAttr {
    pub(super) of: Option<Path>,
    /// Whether the option `of` was given, in any spelling.
    pub(super) names_of: bool,
    pub(super) krate: Krate,
}

impl SubsetAttr {
    pub(super) fn read(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = AttributeOptions::new(OWNER);
        for attr in ours(attrs) {
            match &attr.meta {
                Meta::List(list) => options.read(list.tokens.clone(), errors),
                Meta::Path(_) | Meta::NameValue(_) => {
                    let example = OF.example;
                    errors.on(
                        attr,
                        format!(
                            "`#[event_subset]` needs its options in parentheses; write `#[event_subset({example})]`"
                        ),
                    );
                }
            }
        }
        let malformed = ours(attrs).any(|attr| !matches!(attr.meta, Meta::List(_)));
        Self {
            of: options.get(OF, errors),
            names_of: options.is_given(OF) || malformed,
            krate: Krate::from_options(&options, errors),
        }
    }
}

/// Rejects `#[event_subset]` on a variant or a field.
pub(super) fn check_inside(attrs: &[Attribute], errors: &mut Errors) {
    for attr in ours(attrs) {
        errors.on(attr, "`#[event_subset]` belongs on the enum; move it there");
    }
}

fn ours(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("event_subset"))
}
