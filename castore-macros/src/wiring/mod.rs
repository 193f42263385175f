//! The macro `wiring!`.

mod check;
mod expand;
mod input;
mod model;
#[cfg(test)]
mod tests;

use crate::errors::Errors;
use model::Wiring;
use proc_macro2::TokenStream;

pub(crate) fn wiring(body: TokenStream) -> TokenStream {
    let input = match syn::parse2::<input::Input>(body) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::new();
    let wiring = Wiring::read(&input, &mut errors);
    if wiring.krate.is_missing() {
        return errors.to_compile_errors();
    }
    check::check(&wiring, &mut errors);
    // The type is generated even if there are errors, so that code that uses the type causes no further errors.
    let (struct_, errors_) = (expand::expand_struct(&wiring), errors.to_compile_errors());
    let impls = if errors.is_empty() { expand::expand(&wiring) } else { expand::expand_stub(&wiring) };
    struct_.into_iter().chain(impls).chain(errors_).collect()
}
