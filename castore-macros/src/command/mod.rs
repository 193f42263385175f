//! The attribute macro `#[command]`.

mod attr;
mod check;
mod expand;
mod model;
#[cfg(test)]
mod tests;
mod types;

use crate::errors::Errors;
use crate::item_kind;
use attr::CommandAttr;
use model::Command;
use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;
use types::CommandTypes;

pub(crate) fn command(attr: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let attr = CommandAttr::read(attr, &mut errors);
    let command = match syn::parse2::<Command>(item.clone()) {
        Ok(command) => command,
        Err(error) => {
            match syn::parse2::<Item>(item.clone()) {
                Ok(other) => {
                    let (kind, tokens) = item_kind::describe(&other);
                    errors.on(tokens, format!("`#[command]` belongs on an `async fn`, not on {kind}"));
                }
                Err(_) => errors.push(error),
            }
            let errors = errors.to_compile_errors();
            return quote!(#item #errors);
        }
    };
    if attr.krate.is_missing() {
        let errors = errors.to_compile_errors();
        return quote!(#item #errors);
    }
    check::check(&command, &attr, &mut errors);
    let types = CommandTypes::of(&command);
    let module = expand::expand_module(&command, &attr, &types);
    if errors.is_empty() {
        let function = expand::expand_function(&command, &attr);
        return quote!(#function #module);
    }
    let errors = errors.to_compile_errors();
    // Inside an `impl`, a module would cause an additional error.
    let module = if command.signature.receiver().is_some() { TokenStream::new() } else { module };
    quote!(#item #module #errors)
}
