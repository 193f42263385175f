//! The hidden enum with serde's derives, which writes and reads the payloads.

use super::check::VARIANT_OPTIONS;
use super::model::{EventEnum, Variant};
use super::payload::PayloadChecks;
use crate::generics::without_self;
use crate::serde_attr;
use proc_macro2::TokenStream;
use quote::quote;
use syn::Fields;

/// Generates the mirror, a hidden enum with the variants of the event enum. The derives of serde on the mirror generate
/// the code that writes and reads the payloads:
///
/// ```text
/// #[derive(__serde::Serialize, __serde::Deserialize)]
/// #[serde(crate = "__serde", remote = "PokemonEvent", bound(…))]
/// enum __Mirror {
///     #[serde(rename = "CAUGHT_BY_TRAINER")]
///     Caught(CaughtByTrainer),
/// }
/// ```
///
/// A single derive for the whole enum compiles about as fast as a serde derive that the user would write on the enum.
pub(super) fn expand_mirror(event: &EventEnum<'_>) -> TokenStream {
    // These attributes concern the fields of all variants. The other attributes of the enum control how serde tags and
    // names events, which `#[event]` controls instead.
    let entries = serde_attr::entries(event.attrs());
    let entries = entries.iter().filter(|entry| {
        let path = entry.path();
        path.is_ident("rename_all_fields") || path.is_ident("deny_unknown_fields")
    });
    let variants = event.variants.iter().map(|variant| expand_variant(event, variant));
    let remote = event.ident().to_string();
    // If the payloads are rejected, `__Valid` is an unknown type, and the compiler accepts every bound on an unknown
    // type.
    let (serialize, deserialize) = ("__Valid: __serde::Serialize", "__Valid: __serde::Deserialize<'de>");
    quote! {
        #[derive(__serde::Serialize, __serde::Deserialize)]
        #[serde(crate = "__serde", remote = #remote, bound(serialize = #serialize, deserialize = #deserialize) #(, #entries)*)]
        enum __Mirror {
            #(#variants,)*
        }
    }
}

fn expand_variant(event: &EventEnum<'_>, variant: &Variant<'_>) -> TokenStream {
    let (ident, event_type) = (variant.ident(), &variant.event_type);
    // With `own_serde`, the other attributes of the variant belong to serde's derive on the enum. Without `own_serde`,
    // they were rejected.
    let entries = serde_attr::entries(&variant.source.attrs);
    let entries = entries.iter().filter(|entry| VARIANT_OPTIONS.iter().any(|name| entry.path().is_ident(name)));
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
    if variant.other.is_some() {
        // This variant is written and read without the mirror.
        return quote!(#[serde(skip)] #ident #fields);
    }
    quote!(#[serde(rename = #event_type #(, #entries)*)] #ident #fields)
}

/// Generates a constant that checks whether serde supports the payloads. If serde does not support them, `__Valid` is
/// an unknown type. The compiler accepts the bounds of serde's derive on this type, so the derive causes no further
/// errors.
///
/// ```text
/// const __PAYLOADS: bool = {
///     ::castore::__private::is_payload::<CaughtByTrainer>();
///     true
/// };
/// type __Valid = ::castore::__private::Checked<(), __PAYLOADS>;
/// ```
pub(super) fn expand_payload_checks(event: &EventEnum<'_>) -> TokenStream {
    let (krate, ident) = (&event.krate, event.ident());
    let types = event.declared().flat_map(Variant::serde_types).map(|ty| without_self(ty, ident));
    let checks = PayloadChecks::of(types, krate);
    quote! {
        const __PAYLOADS: bool = {
            #checks
            true
        };
        type __Valid = #krate::__private::Checked<(), __PAYLOADS>;
    }
}
