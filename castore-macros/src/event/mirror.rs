//! The hidden enum that serde derives the payloads from.

use super::model::{EventEnum, Variant};
use crate::serde_attr;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote};
use std::collections::HashSet;
use syn::spanned::Spanned as _;
use syn::visit_mut::VisitMut;
use syn::{Fields, LitStr, Path, Type};

/// ```text
/// #[derive(__serde::Serialize, __serde::Deserialize)]
/// #[serde(crate = "__serde", remote = "PokemonEvent")]
/// enum __PokemonEvent {
///     #[serde(rename = "CAUGHT_BY_TRAINER")]
///     Caught(CaughtByTrainer),
/// }
/// ```
///
/// One derive for the whole enum is about as fast to compile as the one a user would write.
pub(super) fn expand_mirror(event: &EventEnum<'_>) -> TokenStream {
    let mirror = event.mirror_ident();
    let remote = LitStr::new(&event.ident().to_string(), Span::call_site());
    // The attributes that concern the fields of all variants. The other attributes of the enum control how serde tags
    // and names events, which `#[event]` controls instead.
    let entries = serde_attr::entries(event.attrs());
    let entries = entries.iter().filter(|entry| {
        let path = entry.path();
        path.is_ident("rename_all_fields") || path.is_ident("deny_unknown_fields")
    });
    let variants = event.variants.iter().map(|variant| expand_variant(event, variant));
    quote! {
        #[derive(__serde::Serialize, __serde::Deserialize)]
        #[serde(crate = "__serde", remote = #remote #(, #entries)*)]
        enum #mirror {
            #(#variants,)*
        }
    }
}

fn expand_variant(event: &EventEnum<'_>, variant: &Variant<'_>) -> TokenStream {
    let (ident, event_type) = (variant.ident(), &variant.event_type);
    let attrs = serde_attr::attributes(&variant.source.attrs);
    let fields = variant.source.fields.iter().map(|field| {
        let attrs = serde_attr::attributes(&field.attrs);
        let name = field.ident.iter();
        let ty = without_self(&field.ty, event.ident());
        quote!(#(#attrs)* #(#name:)* #ty)
    });
    let fields = match variant.source.fields {
        Fields::Named(_) => quote!({ #(#fields),* }),
        Fields::Unnamed(_) => quote!((#(#fields),*)),
        Fields::Unit => TokenStream::new(),
    };
    quote!(#[serde(rename = #event_type)] #(#attrs)* #ident #fields)
}

/// Checks that serde supports the payloads: one readable error on the payload's type, before serde's own errors.
///
/// ```text
/// ::castore::__private::assert_payload::<CaughtByTrainer>();
/// ```
pub(super) fn expand_payload_checks(event: &EventEnum<'_>) -> TokenStream {
    let mut seen = HashSet::new();
    let types = event.variants.iter().flat_map(Variant::serde_types);
    let types = types.filter(|ty| seen.insert(ty.to_token_stream().to_string()));
    types
        .map(|ty| {
            let span = ty.span();
            let (krate, ty) = (event.krate.at(span), without_self(ty, event.ident()));
            quote::quote_spanned!(span=> #krate::__private::assert_payload::<#ty>();)
        })
        .collect()
}

/// Replaces `Self`, which means the event enum wherever the type is repeated.
fn without_self(ty: &Type, ident: &Ident) -> Type {
    let mut ty = ty.clone();
    ReplaceSelf { ident }.visit_type_mut(&mut ty);
    ty
}

struct ReplaceSelf<'a> {
    ident: &'a Ident,
}

impl VisitMut for ReplaceSelf<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        if let Some(first) = path.segments.first_mut().filter(|first| first.ident == "Self") {
            let span = first.ident.span();
            first.ident = self.ident.clone();
            first.ident.set_span(span);
        }
        syn::visit_mut::visit_path_mut(self, path);
    }
}
