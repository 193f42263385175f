//! What `#[derive(Event)]` generates.

use super::mirror::{expand_mirror, expand_payload_checks};
use super::model::{EventEnum, Variant};
use crate::casing;
use crate::generics::ImplGenerics;
use proc_macro2::TokenStream;
use quote::quote;

/// ```text
/// pub enum PokemonEventType { Appeared, Caught }
/// impl ::castore::EventType for PokemonEventType { … }
/// const _: () = {
///     use ::castore::__private::serde as __serde;
///     ::castore::__private::assert_payload::<CaughtByTrainer>();
///     #[derive(__serde::Serialize, __serde::Deserialize)]
///     #[serde(crate = "__serde", remote = "PokemonEvent")]
///     enum __PokemonEvent { … }
///     impl ::castore::Event for PokemonEvent { … }
/// };
/// ```
pub(super) fn expand(event: &EventEnum<'_>) -> TokenStream {
    let (krate, mirror) = (&event.krate, event.mirror_ident());
    let type_enum = expand_type_enum(event);
    let impl_event_type = impl_event_type(event);
    let payload_checks = expand_payload_checks(event);
    let mirror_enum = expand_mirror(event);
    let allow = allow();
    let impl_event = impl_event(event, &quote!(#krate::__private::event_through_mirror!(#mirror);));
    quote! {
        #type_enum
        #impl_event_type
        #allow
        const _: () = {
            use #krate::__private::serde as __serde;
            #payload_checks
            #mirror_enum
            #impl_event
        };
    }
}

/// The mirror repeats the types of the user's fields. Lints have already reported them at the fields.
fn allow() -> TokenStream {
    quote!(#[allow(deprecated, clippy::all, clippy::pedantic, clippy::nursery)])
}

/// The code that is generated beside errors: all types and impls, without checks of the payloads.
pub(super) fn expand_stub(event: &EventEnum<'_>) -> TokenStream {
    let krate = &event.krate;
    let type_enum = expand_type_enum(event);
    let impl_event_type = impl_event_type(event);
    let impl_event = impl_event(event, &quote!(#krate::__private::event_with_errors!();));
    quote! {
        #type_enum
        #impl_event_type
        const _: () = {
            #impl_event
        };
    }
}

/// ```text
/// /// The event types of [`PokemonEvent`].
/// #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// pub enum PokemonEventType {
///     /// `APPEARED`
///     Appeared,
/// }
/// ::castore::__private::event_type_text!(PokemonEventType);
/// ```
fn expand_type_enum(event: &EventEnum<'_>) -> TokenStream {
    let (krate, vis, type_ident) = (&event.krate, &event.source.vis, event.type_ident());
    let doc = format!(" The event types of [`{}`].", casing::text(event.ident()));
    let non_exhaustive = event.attrs().iter().filter(|attr| attr.path().is_ident("non_exhaustive"));
    let variants = event.variants.iter().map(|variant| {
        let (doc, ident) = (format!(" `{}`", variant.event_type), variant.ident());
        quote!(#[doc = #doc] #ident)
    });
    quote! {
        #[doc = #doc]
        #(#non_exhaustive)*
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        #[derive(::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
        #[derive(::core::cmp::PartialOrd, ::core::cmp::Ord)]
        #vis enum #type_ident {
            #(#variants,)*
        }
        #krate::__private::event_type_text!(#type_ident);
    }
}

/// ```text
/// impl ::castore::EventType for PokemonEventType {
///     const ALL: &'static [Self] = &[Self::Appeared, Self::Caught];
///     fn as_str(self) -> &'static str {
///         match self { Self::Appeared => "APPEARED", Self::Caught => "CAUGHT_BY_TRAINER" }
///     }
/// }
/// ```
fn impl_event_type(event: &EventEnum<'_>) -> TokenStream {
    let (krate, type_ident) = (&event.krate, event.type_ident());
    let idents: Vec<_> = event.variants.iter().map(Variant::ident).collect();
    let names = event.variants.iter().map(|variant| &variant.event_type);
    quote! {
        #[automatically_derived]
        impl #krate::EventType for #type_ident {
            const ALL: &'static [Self] = &[#(Self::#idents),*];
            fn as_str(self) -> &'static str {
                match self {
                    #(Self::#idents => #names,)*
                }
            }
        }
    }
}

/// ```text
/// impl ::castore::Event for PokemonEvent {
///     type EventType = PokemonEventType;
///     fn event_type(&self) -> PokemonEventType {
///         match self { Self::Appeared { .. } => PokemonEventType::Appeared, … }
///     }
///     ::castore::__private::event_through_mirror!(__PokemonEvent);
/// }
/// ```
fn impl_event(event: &EventEnum<'_>, serde: &TokenStream) -> TokenStream {
    let (krate, ident, type_ident) = (&event.krate, event.ident(), event.type_ident());
    let ImplGenerics { parameters, arguments, where_clause } = ImplGenerics::of(&event.source.generics);
    let arms = event.variants.iter().map(|variant| {
        let (ident, rest) = (variant.ident(), variant.rest_pattern());
        quote!(Self::#ident #rest => #type_ident::#ident)
    });
    // An empty enum has no event type to return. It is a compile error, so this code never runs.
    let event_type = if event.variants.is_empty() { quote!(loop {}) } else { quote!(match self { #(#arms,)* }) };
    quote! {
        #[automatically_derived]
        impl #parameters #krate::Event for #ident #arguments #where_clause {
            type EventType = #type_ident;
            fn event_type(&self) -> #type_ident {
                #event_type
            }
            #serde
        }
    }
}
