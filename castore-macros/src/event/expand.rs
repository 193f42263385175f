//! The code that `#[derive(Event)]` generates.

use super::describe::describe;
use super::evolution::expand::{event_items, event_type_items, serialize, type_doc};
use super::mirror::{expand_mirror, expand_payload_checks};
use super::model::{EventEnum, Variant};
use crate::casing;
use crate::generics::ImplGenerics;
use crate::visibility::one_deeper;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// Generates the enum of the event types, the mirror (a hidden enum with serde's derives) and the impl of `Event`:
///
/// ```text
/// mod __pokemon_event_type { pub enum PokemonEventType { … } … }
/// pub use __pokemon_event_type::PokemonEventType;
/// const _: () = {
///     use ::castore::__private::serde as __serde;
///     use ::castore::__private::RejectedMirror as _;
///     const __PAYLOADS: bool = …;
///     type __Valid = ::castore::__private::Checked<(), __PAYLOADS>;
///     #[derive(__serde::Serialize, __serde::Deserialize)]
///     #[serde(crate = "__serde", remote = "PokemonEvent", bound(…))]
///     enum __Mirror { … }
///     impl ::castore::Event for PokemonEvent { … }
/// };
/// ```
pub(super) fn expand(event: &EventEnum<'_>) -> TokenStream {
    let krate = &event.krate;
    let type_enum = expand_type_enum(event);
    let payload_checks = expand_payload_checks(event);
    let mirror_enum = expand_mirror(event);
    let allow = allow();
    let bounds = quote!(where __Valid: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync);
    let serialize = serialize(event);
    let deserialize = quote!(__Mirror::deserialize(__deserializer));
    let description = describe(event);
    let described = description.expand(krate);
    let described = quote!(const DESCRIPTION: #krate::__private::Described = #described;);
    let import = description.expand_import(krate);
    let impl_event = impl_event(event, &bounds, &described, &serialize, &deserialize, &event_items(event));
    quote! {
        #type_enum
        #allow
        const _: () = {
            use #krate::__private::serde as __serde;
            // If serde rejects an attribute, it generates nothing. With this import, the missing code causes no further
            // errors.
            #[allow(unused_imports)]
            use #krate::__private::RejectedMirror as _;
            #import
            #payload_checks
            #mirror_enum
            #impl_event
        };
    }
}

/// Returns the attribute that disables lints in the generated code. The mirror repeats the types of the user's fields,
/// and lints already report these types at the fields.
fn allow() -> TokenStream {
    quote!(#[allow(deprecated, trivial_bounds, clippy::all, clippy::pedantic, clippy::nursery)])
}

/// Generates the code that accompanies errors: all types and impls, without checks of the payloads, so that the code
/// that uses them causes no further errors. The methods for serde are empty loops, because the build fails anyway.
pub(super) fn expand_stub(event: &EventEnum<'_>) -> TokenStream {
    let type_enum = expand_type_enum(event);
    let never = quote!(loop {});
    let where_clause = ImplGenerics::of(&event.source.generics).where_clause;
    let none = TokenStream::new();
    let impl_event = impl_event(event, &where_clause, &none, &never, &never, &none);
    quote! {
        #type_enum
        #[allow(deprecated, unused_variables)]
        const _: () = {
            #impl_event
        };
    }
}

/// Generates the enum of the event types in a hidden module. The impls of the enum are in the same module, so if the
/// name of the enum is already taken, there is only one error.
///
/// ```text
/// mod __pokemon_event_type {
///     /// The event types of [`PokemonEvent`](super::PokemonEvent).
///     #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
///     pub enum PokemonEventType {
///         /// `APPEARED`
///         Appeared,
///     }
///     impl ::castore::EventType for PokemonEventType { … }
///     impl Display for PokemonEventType { … }
///     impl FromStr for PokemonEventType { … }
///     impl Serialize for PokemonEventType { … }
///     impl<'de> Deserialize<'de> for PokemonEventType { … }
/// }
/// pub use __pokemon_event_type::PokemonEventType;
/// ```
fn expand_type_enum(event: &EventEnum<'_>) -> TokenStream {
    let (vis, type_ident, module) = (&event.source.vis, event.type_ident(), event.type_module());
    let inner_vis = one_deeper(vis);
    let name = casing::text(event.ident());
    let doc = format!(" The event types of [`{name}`](super::{name}).");
    let non_exhaustive = event.attrs().iter().filter(|attr| attr.path().is_ident("non_exhaustive"));
    let variants = event.variants.iter().map(|variant| {
        let (doc, ident) = (type_doc(variant), variant.ident());
        quote!(#[doc = #doc] #ident)
    });
    let impl_event_type = impl_event_type(event);
    let impls_text = impls_text(event);
    // The imported name has the span of the derive, so that an error about a name that is already taken points at the
    // derive, which generates the name.
    let imported = Ident::new(&type_ident.to_string(), Span::call_site());
    quote! {
        mod #module {
            #[doc = #doc]
            #(#non_exhaustive)*
            #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
            #[derive(::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
            #[derive(::core::cmp::PartialOrd, ::core::cmp::Ord)]
            #inner_vis enum #type_ident {
                #(#variants,)*
            }
            #impl_event_type
            #impls_text
        }
        #[allow(unused_imports)]
        #vis use #module::#imported;
    }
}

/// Generates the impl of `EventType`:
///
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
    let declared = event.declared().map(Variant::ident);
    let names = event.variants.iter().map(|variant| &variant.event_type);
    let other_items = event_type_items(event);
    quote! {
        #[automatically_derived]
        impl #krate::EventType for #type_ident {
            const ALL: &'static [Self] = &[#(Self::#declared),*];
            fn as_str(self) -> &'static str {
                match self {
                    #(Self::#idents => #names,)*
                }
            }
            #other_items
        }
    }
}

/// Generates the impls that write and read an event type as its name. The generated code does not use `Self::Err`,
/// because a variant may be called `Err`.
fn impls_text(event: &EventEnum<'_>) -> TokenStream {
    let (krate, type_ident) = (&event.krate, event.type_ident());
    quote! {
        #[automatically_derived]
        impl ::core::fmt::Display for #type_ident {
            fn fmt(&self, __formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __formatter.pad(#krate::EventType::as_str(*self))
            }
        }
        #[automatically_derived]
        impl ::core::str::FromStr for #type_ident {
            type Err = #krate::event::ParseEventTypeError;
            fn from_str(__text: &str) -> ::core::result::Result<Self, #krate::event::ParseEventTypeError> {
                #krate::__private::parse_event_type(__text)
            }
        }
        #[automatically_derived]
        impl #krate::__private::serde::Serialize for #type_ident {
            fn serialize<__S: #krate::__private::serde::Serializer>(
                &self,
                __serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                __serializer.serialize_str(#krate::EventType::as_str(*self))
            }
        }
        #[automatically_derived]
        impl<'de> #krate::__private::serde::Deserialize<'de> for #type_ident {
            fn deserialize<__D: #krate::__private::serde::Deserializer<'de>>(
                __deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                #krate::__private::deserialize_text(__deserializer)
            }
        }
    }
}

/// Generates the impl of `Event`:
///
/// ```text
/// impl ::castore::Event for PokemonEvent
/// where
///     __Valid: Clone + Send + Sync,
/// {
///     type EventType = __pokemon_event_type::PokemonEventType;
///     const DESCRIPTION: ::castore::__private::Described = …;
///     fn event_type(&self) -> __pokemon_event_type::PokemonEventType {
///         match self { Self::Appeared { .. } => __pokemon_event_type::PokemonEventType::Appeared, … }
///     }
///     fn serialize_tagged<__S: Serializer>(&self, __serializer: __S) -> Result<__S::Ok, __S::Error> {
///         __Mirror::serialize(self, __serializer)
///     }
///     fn deserialize_tagged<'de, __D: Deserializer<'de>>(__deserializer: __D) -> Result<Self, __D::Error> {
///         __Mirror::deserialize(__deserializer)
///     }
/// }
/// ```
///
/// If the payloads are rejected, `__Valid` is an unknown type, and the compiler accepts every bound on an unknown type.
/// This avoids a second error, for example for an event with an `Rc`, which is not `Send` either.
fn impl_event(
    event: &EventEnum<'_>,
    where_clause: &TokenStream,
    described: &TokenStream,
    serialize: &TokenStream,
    deserialize: &TokenStream,
    other_items: &TokenStream,
) -> TokenStream {
    let (krate, ident, type_ident, module) = (&event.krate, event.ident(), event.type_ident(), event.type_module());
    let ImplGenerics { parameters, arguments, .. } = ImplGenerics::of(&event.source.generics);
    let arms = event.variants.iter().map(|variant| {
        let (ident, rest) = (variant.ident(), variant.rest_pattern());
        quote!(Self::#ident #rest => #module::#type_ident::#ident)
    });
    // An empty enum has no event type to return. Such an enum is a compile error, so this code never runs.
    let event_type = if event.variants.is_empty() { quote!(loop {}) } else { quote!(match self { #(#arms,)* }) };
    quote! {
        #[automatically_derived]
        impl #parameters #krate::Event for #ident #arguments #where_clause {
            type EventType = #module::#type_ident;
            #described
            fn event_type(&self) -> #module::#type_ident {
                #event_type
            }
            fn serialize_tagged<__S: #krate::__private::serde::Serializer>(
                &self,
                __serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                #serialize
            }
            fn deserialize_tagged<'de, __D: #krate::__private::serde::Deserializer<'de>>(
                __deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                #deserialize
            }
            #other_items
        }
    }
}
