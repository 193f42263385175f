//! Fields and variants in a description.

use super::Description;
use crate::casing::{self, Casing};
use crate::serde_attr::{self, Name};
use crate::text;
use quote::ToTokens as _;
use syn::{Attribute, Expr, ExprLit, Field, Fields, Lit, Meta, Type};

/// The rules for the fields of a struct or a variant, according to serde's attributes.
pub(crate) struct FieldRules {
    serialize: Option<Casing>,
    deserialize: Option<Casing>,
    all_default: bool,
    /// Whether the user's own functions serialize or deserialize the fields (`with`, `serialize_with`,
    /// `deserialize_with`).
    by_hand: bool,
}

impl FieldRules {
    /// Reads the rules from the serde attributes of a container. `rename_all` is the name of the option for the casing
    /// of the fields.
    pub(crate) fn of(entries: &[Meta], rename_all: &str) -> Self {
        let names = Name::find(entries, rename_all);
        let casing = |name: Option<syn::LitStr>| name.and_then(|name| Casing::from_name(&name.value()));
        Self {
            serialize: casing(names.serialize),
            deserialize: casing(names.deserialize),
            all_default: serde_attr::has(entries, &["default"]),
            by_hand: false,
        }
    }

    /// Returns the rules for the fields of a variant: the rules of the variant, or else those of the enum.
    pub(crate) fn of_variant(variant: &[Attribute], container: &[Meta]) -> Self {
        let own = serde_attr::entries(variant);
        let rules = if serde_attr::has(&own, &["rename_all"]) {
            Self::of(&own, "rename_all")
        } else {
            Self { all_default: false, ..Self::of(container, "rename_all_fields") }
        };
        Self { by_hand: is_by_hand(&own), ..rules }
    }
}

impl Description {
    /// Adds a variant and its fields. `with_self` replaces `Self` in the types of fields.
    pub(crate) fn variant(
        &mut self,
        name: &str,
        variant: &syn::Variant,
        rules: &FieldRules,
        with_self: impl Fn(&Type) -> Type,
    ) {
        let ident = casing::text(&variant.ident);
        match &variant.fields {
            Fields::Named(_) => self.line('|', &[name, &ident, "{}"]),
            Fields::Unnamed(_) | Fields::Unit => self.line('|', &[name, &ident]),
        }
        self.fields(&variant.fields, rules, with_self);
    }

    /// Adds the fields that serde serializes, with or without names.
    pub(crate) fn fields(&mut self, fields: &Fields, rules: &FieldRules, with_self: impl Fn(&Type) -> Type) {
        for field in fields {
            let entries = serde_attr::entries(&field.attrs);
            if serde_attr::has(&entries, &["skip", "skip_serializing"]) {
                continue;
            }
            let ty = with_self(&field.ty);
            let (text, shape) = if rules.by_hand || is_by_hand(&entries) {
                (text::compact(ty.to_token_stream()), "-".to_owned())
            } else {
                self.ty(&ty)
            };
            match &field.ident {
                None => self.line('=', &[&text, &shape]),
                Some(_) => self.named_field(field, &entries, rules, (&text, &shape)),
            }
        }
    }

    fn named_field(&mut self, field: &Field, entries: &[Meta], rules: &FieldRules, (ty, shape): (&str, &str)) {
        let own = field.ident.as_ref().map(casing::text).unwrap_or_default();
        let rename = Name::find(entries, "rename");
        let name_of = |rename: Option<syn::LitStr>, casing: Option<Casing>| match (rename, casing) {
            (Some(rename), _) => rename.value(),
            (None, Some(casing)) => casing.of_field(&own),
            (None, None) => own.clone(),
        };
        let name = name_of(rename.serialize, rules.serialize);
        let read = name_of(rename.deserialize, rules.deserialize);
        let is_flattened = serde_attr::has(entries, &["flatten"]);
        let is_optional =
            rules.all_default || is_option(&field.ty) || serde_attr::has(entries, &["default", "skip_deserializing"]);
        let mut flags = String::new();
        flags.extend(is_optional.then_some('?'));
        flags.extend(is_flattened.then_some('+'));
        let mut columns = vec![name.clone(), flags, ty.to_owned(), shape.to_owned()];
        columns.extend((read != name).then_some(read));
        columns.extend(entries.iter().filter(|entry| entry.path().is_ident("alias")).filter_map(alias));
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        self.line('.', &columns);
    }
}

fn alias(entry: &Meta) -> Option<String> {
    match &entry.require_name_value().ok()?.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

fn is_by_hand(entries: &[Meta]) -> bool {
    serde_attr::has(entries, &["with", "serialize_with", "deserialize_with"])
}

/// Returns whether the type is an `Option`, for which serde reads a missing key as `None`.
fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}
