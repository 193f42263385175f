//! Attributes of the user's items.

use syn::Attribute;

/// The conditions that what we generate for an item must share.
pub(crate) fn cfgs(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
}

/// Whether the attribute is `name`, also under a path: `#[castore::channel]`.
pub(crate) fn is_ours(attr: &Attribute, name: &str) -> bool {
    attr.path().segments.last().is_some_and(|last| last.ident == name)
}
