//! The derive macro `#[derive(Shape)]`.

#[cfg(test)]
mod tests;

use crate::casing;
use crate::describe::{Container, ContainerContent, Description};
use crate::errors::Errors;
use crate::generics::generic_tokens;
use crate::krate::Krate;
use crate::options::{AttributeOptions, CRATE, Owner};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Meta};

const OWNER: Owner = Owner { attribute: "#[shape]", names: &[CRATE], elsewhere: &[], originals: &[] };

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::new();
    let mut options = AttributeOptions::new(OWNER);
    for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("shape")) {
        match &attr.meta {
            Meta::List(list) => options.read(list.tokens.clone(), &mut errors),
            _ => errors.on(attr, "`#[shape]` needs its option in parentheses; write `#[shape(crate = ::castore)]`"),
        }
    }
    let krate = Krate::from_options(&options, &mut errors);
    let name = casing::text(&input.ident);
    if let Some(tokens) = generic_tokens(&input.generics) {
        errors.on(tokens, format!("`{name}` is generic, but `#[derive(Shape)]` describes only types without parameters; write a type without parameters, derive `schemars::JsonSchema` instead (feature `schemars`), or remove `Shape`, so that the type is described only by its name"));
    }
    let content = match &input.data {
        Data::Struct(data) => Some(ContainerContent::Fields(&data.fields)),
        Data::Enum(data) => Some(ContainerContent::Variants(data.variants.iter().collect())),
        Data::Union(_) => {
            errors.on(
                &input.ident,
                format!("`{name}` is a union, which has no shape in JSON; write a struct or an enum"),
            );
            None
        }
    };
    match content {
        Some(content) if errors.is_empty() => expand(&krate, &input, content),
        _ => errors.to_compile_errors(),
    }
}

/// Generates the impl of `Shape`:
///
/// ```text
/// const _: () = {
///     use ::castore::__private::Unprobed as _;
///     impl ::castore::describe::Shape for Team {
///         fn shape() -> ::castore::describe::JsonShape {
///             const __DESCRIBED: ::castore::__private::Described = …;
///             __DESCRIBED.shape::<Self>()
///         }
///     }
/// };
/// ```
fn expand(krate: &Krate, input: &DeriveInput, content: ContainerContent<'_>) -> TokenStream {
    let ident = &input.ident;
    let description = Description::of_container(&Container { ident, attrs: &input.attrs, content });
    let (described, import) = (description.expand(krate), description.expand_import(krate));
    quote! {
        #[allow(deprecated, clippy::all, clippy::pedantic)]
        const _: () = {
            #import
            #[automatically_derived]
            impl #krate::describe::Shape for #ident {
                fn shape() -> #krate::describe::JsonShape {
                    const __DESCRIBED: #krate::__private::Described = #described;
                    __DESCRIBED.shape::<Self>()
                }
            }
        };
    }
}
