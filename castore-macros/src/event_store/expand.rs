//! The code that `#[event_store]` generates.

use super::model::EventStore;
use crate::describe::Description;
use crate::generics::{ImplGenerics, generic_tokens};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{LitInt, Type};

/// Generates the check of the state and the impls:
///
/// ```text
/// const _: () = {
///     const __STATE: bool = ::castore::__private::is_state::<Pokemon>();
///     type __Valid = ::castore::__private::Checked<(), __STATE>;
///     impl ::castore::EventSourced for Pokemon
///     where
///         __Valid: ::castore::event::AggregateState,
///     {
///         const EVENT_STORE_ID: &'static str = "POKEMONS";
///         const STATE_SHAPE: u64 = 0x…;
///         const REDUCER_VERSION: u32 = 1;
///         const DESCRIPTION: ::castore::__private::Described = …;
///         type Event = PokemonEvent;
///         type Metadata = ::castore::event::NoMetadata;
///         type MetadataRule = ::castore::event::OptionalMetadata;
///         type AggregateId = ::castore::__private::String;
///         fn __reduce(…) -> … { <Self as ::castore::Reducer>::reduce(__state, __event) }
///     }
///     impl ::castore::event::EventOf<Pokemon> for PokemonEvent where … {}
/// };
/// ```
///
/// If the state cannot be cloned or shared between threads, `__Valid` is an unknown type. The compiler accepts every
/// bound on an unknown type, so the check of the state causes the only error.
pub(super) fn expand(store: &EventStore<'_>) -> TokenStream {
    let (krate, ident) = (&store.attr.krate, store.state.ident);
    let ImplGenerics { parameters, arguments, where_clause } = ImplGenerics::of(store.state.generics);
    let id = store.attr.id.as_ref().map(|id| id.value()).unwrap_or_default();
    let shape = LitInt::new(&format!("0x{:016x}", store.shape), ident.span());
    let no_object = store.no_object.as_ref().map(|reason| {
        quote!(const STATE_IS_NO_OBJECT: ::core::option::Option<&'static str> = ::core::option::Option::Some(#reason);)
    });
    let reducer_version = LitInt::new(&store.attr.reducer_version.unwrap_or(1).to_string(), ident.span());
    let event = store.attr.event.as_ref();
    let event_type = event.map_or_else(|| quote!(#krate::__private::MissingEvent), |event| event.to_token_stream());
    let metadata = checked(store, store.attr.metadata.as_ref(), "is_metadata");
    let metadata = metadata.unwrap_or_else(|| quote!(#krate::event::NoMetadata));
    let rule = if store.attr.requires_metadata && store.attr.metadata.is_some() {
        quote!(#krate::event::RequiredMetadata)
    } else {
        quote!(#krate::event::OptionalMetadata)
    };
    let aggregate_id = checked(store, store.attr.aggregate_id.as_ref(), "is_aggregate_id");
    let aggregate_id = aggregate_id.unwrap_or_else(|| quote!(#krate::__private::String));
    // These names have the span of the call in which they are used: inside a `macro_rules!`, a name with a different
    // span is a different name.
    let (state, detail) = (Ident::new("__state", ident.span()), Ident::new("__event", ident.span()));
    let reduce = expand_reduce(store, &state, &detail);
    // A generic state was already rejected, and cannot be checked here.
    let is_generic = generic_tokens(store.state.generics).is_some();
    let bounds = if is_generic { where_clause } else { quote!(where __Valid: #krate::event::AggregateState) };
    let event_of = event.map(|event| {
        quote! {
            #[automatically_derived]
            impl #parameters #krate::event::EventOf<#ident #arguments> for #event #bounds {}
        }
    });
    let check = (!is_generic).then(|| expand_state_check(store));
    let description = store.description.as_ref().filter(|_| !is_generic);
    let import = description.and_then(|description| description.expand_import(krate));
    let described = description.map(|description| expand_description(store, description));
    quote! {
        #[allow(deprecated, trivial_bounds)]
        const _: () = {
            #import
            #check
            #[automatically_derived]
            impl #parameters #krate::EventSourced for #ident #arguments #bounds {
                const EVENT_STORE_ID: &'static str = #id;
                const STATE_SHAPE: u64 = #shape;
                const REDUCER_VERSION: u32 = #reducer_version;
                #no_object
                #described
                type Event = #event_type;
                type Metadata = #metadata;
                type MetadataRule = #rule;
                type AggregateId = #aggregate_id;
                fn __reduce(
                    #state: ::core::option::Option<Self>,
                    #detail: &#krate::EventDetail<Self>,
                ) -> ::core::result::Result<Self, #krate::ReduceError> {
                    #reduce
                }
            }
            #event_of
        };
    }
}

/// Generates the description. If the state contains types with shapes of their own, also generates the function that
/// computes the hash of all shapes once.
///
/// ```text
/// const DESCRIPTION: ::castore::__private::Described = …;
/// fn state_shape() -> u64 {
///     static __SHAPE: ::castore::__private::OnceLock<u64> = ::castore::__private::OnceLock::new();
///     *__SHAPE.get_or_init(::castore::__private::state_shape::<Self>)
/// }
/// ```
fn expand_description(store: &EventStore<'_>, description: &Description) -> TokenStream {
    let krate = &store.attr.krate;
    let described = description.expand(krate);
    let state_shape = store.has_nested_types.then(|| {
        quote! {
            fn state_shape() -> u64 {
                static __SHAPE: #krate::__private::OnceLock<u64> = #krate::__private::OnceLock::new();
                *__SHAPE.get_or_init(#krate::__private::state_shape::<Self>)
            }
        }
    });
    quote! {
        const DESCRIPTION: #krate::__private::Described = #described;
        #state_shape
    }
}

/// Generates a check that the state can be cloned and shared between threads. The check has the span of the state's
/// name.
fn expand_state_check(store: &EventStore<'_>) -> TokenStream {
    let (ident, span) = (store.state.ident, store.state.ident.span());
    let krate = store.attr.krate.at(span);
    quote_spanned! {span=>
        const __STATE: bool = #krate::__private::is_state::<#ident>();
        type __Valid = #krate::__private::Checked<(), __STATE>;
    }
}

/// Generates a type together with its check. If the check fails, the compiler treats the result as an unknown type.
///
/// ```text
/// ::castore::__private::Checked<Trigger, { ::castore::__private::is_metadata::<Trigger>() }>
/// ```
fn checked(store: &EventStore<'_>, ty: Option<&Type>, check: &str) -> Option<TokenStream> {
    let ty = ty?;
    let span = ty.span();
    let (krate, check) = (store.attr.krate.at(span), Ident::new(check, span));
    Some(quote_spanned!(span=> #krate::__private::Checked<#ty, { #krate::__private::#check::<#ty>() }>))
}

/// Generates the call of the reducer: `<Self as ::castore::Reducer>::reduce(__state, __event)`. A missing reducer
/// causes a single error, on the state's name.
fn expand_reduce(store: &EventStore<'_>, state: &Ident, detail: &Ident) -> TokenStream {
    if generic_tokens(store.state.generics).is_some() {
        // This state was already rejected. Its reducer may exist only for one concrete type.
        return quote!(let _ = (#state, #detail); loop {});
    }
    let span = store.state.ident.span();
    let krate = store.attr.krate.at(span);
    quote_spanned!(span=> <Self as #krate::Reducer>::reduce(#state, #detail))
}
