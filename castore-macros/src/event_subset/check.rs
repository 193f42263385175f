//! Checks of subsets of event enums.

use super::attr::OF;
use super::model::Subset;
use crate::casing;
use crate::errors::Errors;
use crate::generics::generic_tokens;
use syn::{Data, Fields};

pub(super) fn check(subset: &Subset<'_>, errors: &mut Errors) {
    check_kind(subset, errors);
    let name = casing::text(subset.ident());
    if !subset.names_of {
        let example = OF.example;
        errors.on(
            subset.ident(),
            format!("event subset `{name}` does not name its event enum; add `#[event_subset({example})]`"),
        );
    }
    if let Some(tokens) = generic_tokens(&subset.source.generics) {
        errors.on(tokens, format!("event subset `{name}` is generic; write concrete types instead of the parameters"));
    }
    for variant in &subset.variants {
        if let Fields::Unnamed(fields) = &variant.fields
            && fields.unnamed.len() != 1
        {
            let (variant, count) = (casing::text(&variant.ident), fields.unnamed.len());
            errors.on(
                fields,
                format!("variant `{variant}` has {count} unnamed fields, but an event has one payload; write it as in the event enum"),
            );
        }
    }
}

fn check_kind(subset: &Subset<'_>, errors: &mut Errors) {
    let (ident, name) = (subset.ident(), casing::text(subset.ident()));
    let kind = match &subset.source.data {
        Data::Enum(_) if subset.variants.is_empty() => {
            return errors.on(ident, format!("event subset `{name}` has no variants; add variants of its event enum"));
        }
        Data::Enum(_) => return,
        Data::Struct(_) => "struct",
        Data::Union(_) => "union",
    };
    errors.on(
        ident,
        format!(
            "`#[derive(EventSubset)]` belongs on an enum with some of the variants of an event enum, but `{name}` is a \
             {kind}; write `enum {name} {{ … }}`"
        ),
    );
}
