//! Helpers for the attributes of the user's items.

use syn::Attribute;

/// Returns the `#[cfg(…)]` attributes of the user's item. The generated items must have the same attributes.
pub(crate) fn cfgs(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
}

/// Returns whether the attribute has the given name, alone or at the end of a path such as `#[castore::channel]`.
pub(crate) fn is_ours(attr: &Attribute, name: &str) -> bool {
    attr.path().segments.last().is_some_and(|last| last.ident == name)
}
