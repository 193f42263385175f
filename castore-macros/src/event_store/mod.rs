//! The attribute macro `#[event_store]`.
//!
//! The attribute checks its options, and adds a hidden derive to the item. The derive sees the item after `#[cfg]` and
//! `#[cfg_attr]` were applied, so it ignores fields that are not part of the build.

mod attr;
mod check;
mod expand;
mod fields;
mod model;
mod object;
mod shape;
#[cfg(test)]
mod tests;

use crate::attrs;
use crate::errors::Errors;
use crate::item_kind;
use attr::StoreAttr;
use model::{EventStore, State};
use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;

/// The helper attribute that passes the options to the derive.
const OPTIONS: &str = "__event_store";

/// Expands the attribute `#[event_store(…)]`.
pub(crate) fn event_store(attr: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let options = StoreAttr::read(attr.clone(), &mut errors);
    let derive = match syn::parse2::<Item>(item.clone()) {
        Ok(source) => match State::of(&source) {
            Some(state) => {
                item_kind::check_is_state(&source, &mut errors);
                check::check_options(&state, &options, &mut errors);
                // A second `#[event_store]` on the item is an error. The second attribute is expanded after this one,
                // and then adds the derive.
                let is_given_again = state.attrs.iter().any(|attr| attrs::is_ours(attr, "event_store"));
                let krate = &options.krate;
                (!is_given_again && !krate.is_missing())
                    .then(|| quote!(#[derive(#krate::__private::EventStore)] #[__event_store(#attr)]))
            }
            None => {
                item_kind::check_is_state(&source, &mut errors);
                None
            }
        },
        Err(error) => {
            errors.push(error);
            None
        }
    };
    let errors = errors.to_compile_errors();
    quote!(#derive #item #errors)
}

/// Expands the hidden derive.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let item = match syn::parse2::<Item>(input) {
        Ok(item) => item,
        Err(error) => return error.to_compile_error(),
    };
    let Some(state) = State::of(&item) else { return TokenStream::new() };
    let options = state.attrs.iter().find(|attr| attr.path().is_ident(OPTIONS));
    let options = options.and_then(|attr| attr.meta.require_list().ok()).map(|list| list.tokens.clone());
    // The attribute has already reported the mistakes in its options.
    let attr = StoreAttr::read(options.unwrap_or_default(), &mut Errors::new());
    let mut errors = Errors::new();
    let store = EventStore::read(&item, state, attr);
    check::check(&store, &mut errors);
    let (expansion, errors) = (expand::expand(&store), errors.to_compile_errors());
    quote!(#expansion #errors)
}
