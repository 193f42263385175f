//! What `#[event_store]` generates.

use super::model::EventStore;
use crate::attrs::cfgs;
use crate::generics::{ImplGenerics, generic_tokens};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{LitInt, Type};

/// ```text
/// impl ::castore::EventSourced for Pokemon {
///     const EVENT_STORE_ID: &'static str = "POKEMONS";
///     const STATE_SHAPE: u64 = 0x…;
///     const REDUCER_VERSION: u32 = 1;
///     type Event = PokemonEvent;
///     type Metadata = ::castore::event::NoMetadata;
///     type AggregateId = ::castore::__private::String;
///     fn __reduce(…) -> … { <Self as ::castore::Reducer>::reduce(state, event) }
/// }
/// impl ::castore::event::EventOf<Pokemon> for PokemonEvent {}
/// ```
pub(super) fn expand(store: &EventStore<'_>) -> TokenStream {
    let (krate, ident) = (&store.attr.krate, store.ident);
    let ImplGenerics { parameters, arguments, where_clause } = ImplGenerics::of(store.generics);
    let cfgs: Vec<_> = cfgs(store.attrs).collect();
    let id = store.attr.id.as_ref().map(|id| id.value()).unwrap_or_default();
    let hash = |hash: u64| LitInt::new(&format!("0x{hash:016x}"), ident.span());
    let (shape, conditional) = (hash(store.shape.base), &store.shape.conditional);
    let conditional = conditional.iter().map(|part| {
        let (condition, hash) = (&part.condition, hash(part.hash));
        quote!(^ if ::core::cfg!(#condition) { #hash } else { 0 })
    });
    let no_object = store.no_object.as_ref().map(|reason| {
        quote!(const STATE_IS_NO_OBJECT: ::core::option::Option<&'static str> = ::core::option::Option::Some(#reason);)
    });
    let reducer_version = LitInt::new(&store.attr.reducer_version.unwrap_or(1).to_string(), ident.span());
    let event = store.attr.event.as_ref();
    let event_type = or_else(event, || quote!(#krate::__private::MissingEvent));
    let metadata = or_else(store.attr.metadata.as_ref(), || quote!(#krate::event::NoMetadata));
    let aggregate_id = or_else(store.attr.aggregate_id.as_ref(), || quote!(#krate::__private::String));
    // Named with the span of the call in which they are used: under a `macro_rules!`, a name with another span is a
    // different name.
    let (state, detail) = (Ident::new("state", ident.span()), Ident::new("event", ident.span()));
    let reduce = expand_reduce(store, &state, &detail);
    let event_of = event.map(|event| {
        quote! {
            #(#cfgs)*
            #[automatically_derived]
            impl #parameters #krate::event::EventOf<#ident #arguments> for #event #where_clause {}
        }
    });
    quote! {
        #(#cfgs)*
        #[automatically_derived]
        impl #parameters #krate::EventSourced for #ident #arguments #where_clause {
            const EVENT_STORE_ID: &'static str = #id;
            const STATE_SHAPE: u64 = #shape #(#conditional)*;
            const REDUCER_VERSION: u32 = #reducer_version;
            #no_object
            type Event = #event_type;
            type Metadata = #metadata;
            type AggregateId = #aggregate_id;
            fn __reduce(
                #state: ::core::option::Option<Self>,
                #detail: &#krate::EventDetail<Self>,
            ) -> ::core::result::Result<Self, #krate::ReduceError> {
                #reduce
            }
        }
        #event_of
    }
}

/// `<Self as ::castore::Reducer>::reduce(state, event)`, where a missing reducer is one error, on the state's name.
fn expand_reduce(store: &EventStore<'_>, state: &Ident, detail: &Ident) -> TokenStream {
    if generic_tokens(store.generics).is_some() {
        // This state was already rejected. Its reducer may exist only for one concrete type.
        return quote!(let _ = (#state, #detail); loop {});
    }
    let span = store.ident.span();
    let krate = store.attr.krate.at(span);
    quote_spanned!(span=> <Self as #krate::Reducer>::reduce(#state, #detail))
}

fn or_else(given: Option<&Type>, default: impl FnOnce() -> TokenStream) -> TokenStream {
    given.map_or_else(default, |given| given.to_token_stream())
}
