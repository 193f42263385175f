//! `#[event_store]`.

mod attr;
mod check;
mod expand;
mod fields;
mod model;
mod object;
mod shape;
#[cfg(test)]
mod tests;

use crate::errors::Errors;
use attr::StoreAttr;
use model::EventStore;
use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;

pub(crate) fn event_store(attr: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let attr = StoreAttr::read(attr, &mut errors);
    let expansion = match syn::parse2::<Item>(item.clone()) {
        Ok(source) => match EventStore::read(&source, attr, &mut errors) {
            Some(store) => {
                check::check(&store, &mut errors);
                // A second attribute, which is an error, is expanded after this one.
                if store.is_given_again() { TokenStream::new() } else { expand::expand(&store) }
            }
            None => TokenStream::new(),
        },
        Err(error) => {
            errors.push(error);
            TokenStream::new()
        }
    };
    let errors = errors.to_compile_errors();
    quote!(#item #expansion #errors)
}
