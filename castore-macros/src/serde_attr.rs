//! The contents of `#[serde(…)]` attributes. Serde itself checks whether the attributes are well-formed.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, Path, Token};

/// Returns the entries of all `#[serde(…)]` attributes, including those inside a `#[cfg_attr(…)]`.
pub(crate) fn entries(attrs: &[Attribute]) -> Vec<Meta> {
    attrs.iter().flat_map(|attr| entries_of(&attr.meta)).collect()
}

fn entries_of(meta: &Meta) -> Vec<Meta> {
    let Meta::List(list) = meta else { return Vec::new() };
    let is_serde = list.path.is_ident("serde");
    if !is_serde && !list.path.is_ident("cfg_attr") {
        return Vec::new();
    }
    let Ok(metas) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else { return Vec::new() };
    if is_serde { metas.into_iter().collect() } else { metas.iter().skip(1).flat_map(entries_of).collect() }
}

/// Returns the `#[serde(…)]` attributes.
pub(crate) fn attributes(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("serde"))
}

/// Returns whether one of `names` is among the entries.
pub(crate) fn has(entries: &[Meta], names: &[&str]) -> bool {
    entries.iter().any(|entry| names.iter().any(|name| entry.path().is_ident(name)))
}

/// A name in a serde attribute: one name for writing and reading, `rename = "…"`, or a separate name for each,
/// `rename(serialize = "…", deserialize = "…")`.
#[derive(Default)]
pub(crate) struct Name {
    pub(crate) serialize: Option<LitStr>,
    pub(crate) deserialize: Option<LitStr>,
}

impl Name {
    pub(crate) fn find(entries: &[Meta], name: &str) -> Self {
        entries.iter().filter(|entry| entry.path().is_ident(name)).map(Self::read).next_back().unwrap_or_default()
    }

    fn read(entry: &Meta) -> Self {
        match entry {
            Meta::NameValue(both) => {
                let name = string(&both.value);
                Self { serialize: name.clone(), deserialize: name }
            }
            Meta::List(list) => {
                let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
                let part = |name: &str| {
                    let is_part = |path: &Path| path.is_ident(name);
                    let found = parts.iter().filter_map(|part| part.require_name_value().ok());
                    found.filter(|part| is_part(&part.path)).find_map(|part| string(&part.value))
                };
                Self { serialize: part("serialize"), deserialize: part("deserialize") }
            }
            Meta::Path(_) => Self::default(),
        }
    }
}

fn string(value: &Expr) -> Option<LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        // A literal that a `macro_rules!` passed on is wrapped in an invisible group.
        Expr::Group(group) => string(&group.expr),
        _ => syn::parse2(value.to_token_stream()).ok(),
    }
}
