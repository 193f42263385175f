//! Attributes of the user's items.

use syn::Attribute;

/// Returns the conditions of the user's item, which the generated code must share.
pub(crate) fn cfgs(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
}

/// Returns whether the attribute is `name`, including with a path: `#[castore::channel]`.
pub(crate) fn is_ours(attr: &Attribute, name: &str) -> bool {
    attr.path().segments.last().is_some_and(|last| last.ident == name)
}
