//! The code that `#[derive(EventSubset)]` generates.

use super::model::Subset;
use crate::casing;
use crate::generics::ImplGenerics;
use crate::krate::Krate;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Fields, Path, Variant};

/// Generates the impl of `EventSubset`:
///
/// ```text
/// impl ::castore::EventSubset for Mailed {
///     type Of = PokemonEvent;
///     const VARIANTS: &'static [&'static str] = &["Appeared", "LeveledUp"];
///     fn narrow(__event: &PokemonEvent) -> Option<Self> {
///         match __event {
///             PokemonEvent::Appeared { name: __field0, .. } => Some(Self::Appeared { name: clone_of(__field0) }),
///             PokemonEvent::LeveledUp => Some(Self::LeveledUp),
///             _ => None,
///         }
///     }
/// }
/// ```
pub(super) fn expand(subset: &Subset<'_>, of: &Path) -> TokenStream {
    let arms = subset.variants.iter().map(|variant| expand_arm(&subset.krate, variant, of));
    let body = quote! {
        match __event {
            #(#arms)*
            #[allow(unreachable_patterns)]
            _ => ::core::option::Option::None,
        }
    };
    impl_subset(subset, &quote!(#of), &quote!(__event), &body)
}

/// Generates the code that accompanies errors.
pub(super) fn expand_stub(subset: &Subset<'_>) -> TokenStream {
    let krate = &subset.krate;
    let of = match &subset.of {
        Some(of) => quote!(#of),
        None => quote!(#krate::__private::MissingEvent),
    };
    impl_subset(subset, &of, &quote!(_), &quote!(::core::option::Option::None))
}

fn impl_subset(subset: &Subset<'_>, of: &TokenStream, event: &TokenStream, body: &TokenStream) -> TokenStream {
    let (krate, ident) = (&subset.krate, subset.ident());
    let ImplGenerics { parameters, arguments, where_clause } = ImplGenerics::of(&subset.source.generics);
    let names = subset.variants.iter().map(|variant| casing::text(&variant.ident));
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #parameters #krate::EventSubset for #ident #arguments #where_clause {
            type Of = #of;
            const VARIANTS: &'static [&'static str] = &[#(#names),*];
            fn narrow(#event: &#of) -> ::core::option::Option<Self> {
                #body
            }
        }
    }
}

/// Generates the match arm of a variant. The arm names the variant and its fields only once, with the user's spans, so
/// that a name that is missing in the event enum causes a single error.
fn expand_arm(krate: &Krate, variant: &Variant, of: &Path) -> TokenStream {
    let ident = &variant.ident;
    match &variant.fields {
        Fields::Named(fields) => {
            let names: Vec<_> = fields.named.iter().filter_map(|field| field.ident.as_ref()).collect();
            // The fields are bound to generated names, because a unit struct with the name of a field may be in scope.
            let bindings: Vec<_> =
                (0..names.len()).map(|index| format_ident!("__field{index}", span = Span::call_site())).collect();
            let clones = fields.named.iter().zip(&bindings).filter_map(|(field, binding)| {
                let name = field.ident.as_ref()?;
                Some(quote_spanned!(field.ty.span()=> #name: #krate::__private::clone_of(#binding)))
            });
            quote! {
                #of::#ident { #(#names: #bindings,)* .. } => ::core::option::Option::Some(Self::#ident { #(#clones),* }),
            }
        }
        Fields::Unnamed(fields) => {
            let payload = Ident::new("__payload", Span::call_site());
            let clone = quote_spanned!(fields.span()=> #krate::__private::clone_of(#payload));
            // The pattern uses the number of the field, because other crates cannot name the constructor of a
            // `#[non_exhaustive]` variant.
            quote!(#of::#ident { 0: #payload, .. } => ::core::option::Option::Some(Self::#ident(#clone)),)
        }
        Fields::Unit => {
            // A listener may need only the event type, not the payload.
            quote!(#of::#ident { .. } => ::core::option::Option::Some(Self::#ident),)
        }
    }
}
