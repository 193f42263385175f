//! The derive macro `#[derive(EventSubset)]`.

mod attr;
mod check;
mod expand;
mod model;
#[cfg(test)]
mod tests;

use crate::errors::Errors;
use model::Subset;
use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::new();
    let subset = Subset::read(&input, &mut errors);
    if subset.krate.is_missing() {
        return errors.to_compile_errors();
    }
    check::check(&subset, &mut errors);
    match &subset.of {
        Some(of) if errors.is_empty() => expand::expand(&subset, of),
        _ => {
            let (stub, errors) = (expand::expand_stub(&subset), errors.to_compile_errors());
            quote!(#stub #errors)
        }
    }
}
