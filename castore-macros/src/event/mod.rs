//! The derive macro `#[derive(Event)]`.

mod attr;
mod check;
mod describe;
mod evolution;
mod expand;
mod mirror;
mod model;
mod payload;
#[cfg(test)]
mod tests;

use crate::errors::Errors;
use model::EventEnum;
use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::new();
    let event = EventEnum::read(&input, &mut errors);
    if event.krate.is_missing() {
        return errors.to_compile_errors();
    }
    check::check(&event, &mut errors);
    if errors.is_empty() {
        return expand::expand(&event);
    }
    let (stub, errors) = (expand::expand_stub(&event), errors.to_compile_errors());
    quote!(#stub #errors)
}
