//! The kind of an item as text, with the tokens that an error underlines.

use crate::casing;
use crate::errors::Errors;
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens as _;
use syn::Item;

/// Returns the kind and the name of an item, such as "function `reduce`", and the tokens that an error underlines.
pub(crate) fn describe(item: &Item) -> (String, TokenStream) {
    let named = |kind: &str, ident: &Ident| (format!("{kind} `{}`", casing::text(ident)), ident.to_token_stream());
    match item {
        Item::Const(item) => named("constant", &item.ident),
        Item::Enum(item) => named("enum", &item.ident),
        Item::Fn(item) => named("function", &item.sig.ident),
        Item::Mod(item) => named("module", &item.ident),
        Item::Static(item) => named("static", &item.ident),
        Item::Struct(item) => named("struct", &item.ident),
        Item::Trait(item) => named("trait", &item.ident),
        Item::TraitAlias(item) => named("trait alias", &item.ident),
        Item::Type(item) => named("type alias", &item.ident),
        Item::Union(item) => named("union", &item.ident),
        Item::Impl(item) => ("impl block".to_owned(), item.impl_token.to_token_stream()),
        Item::Use(item) => ("`use`".to_owned(), item.use_token.to_token_stream()),
        Item::ExternCrate(item) => named("`extern crate`", &item.ident),
        Item::ForeignMod(item) => ("`extern` block".to_owned(), item.abi.to_token_stream()),
        Item::Macro(item) => ("macro call".to_owned(), item.mac.path.to_token_stream()),
        item => ("item".to_owned(), item.to_token_stream()),
    }
}

/// Rejects an item that cannot be the state of an aggregate.
pub(crate) fn check_is_state(item: &Item, errors: &mut Errors) {
    if !matches!(item, Item::Struct(_) | Item::Enum(_)) {
        let (kind, tokens) = describe(item);
        errors.on(
            tokens,
            format!("`#[event_store]` belongs on the struct or enum that is an aggregate's state, not on {kind}"),
        );
    }
}
