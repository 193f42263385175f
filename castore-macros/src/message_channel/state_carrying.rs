//! The additional code of state-carrying channels: the event stores from which they load aggregates.

use super::model::{Channel, Source};
use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

/// Generates the struct of the sources:
///
/// ```text
/// /// The event stores that [`BackupQueue`] loads aggregates from.
/// #[derive(Debug, Clone)]
/// pub struct BackupQueueSources {
///     /// Loads the aggregates of [`Pokemon`].
///     pub pokemon: ::castore::EventStore<__BackupQueue_Pokemon>,
/// }
/// ```
pub(super) fn expand_sources(channel: &Channel<'_>) -> TokenStream {
    let (vis, cfgs, sources) = (&channel.source.vis, channel.cfgs(), channel.sources_ident());
    let doc = format!(" The event stores that [`{}`] loads aggregates from.", channel.name());
    let fields = channel.sources.iter().map(|source| {
        let (field, ty) = (&source.field, store_type(channel, source));
        let doc = format!(" Loads the aggregates of {}.", source.doc_link());
        quote!(#[doc = #doc] #vis #field: #ty)
    });
    quote_spanned! {channel.span()=>
        #(#cfgs)*
        #[doc = #doc]
        #[derive(::core::fmt::Debug, ::core::clone::Clone)]
        #vis struct #sources {
            #(#fields,)*
        }
    }
}

/// Generates the impl of `LoadsAggregates` for one source:
///
/// ```text
/// impl ::castore::channel::LoadsAggregates<Pokemon> for BackupQueue
/// where
///     __BackupQueue_Pokemon: ::castore::EventSourced,
/// {
///     fn __aggregates(&self) -> &dyn ::castore::__private::AggregateSource<__BackupQueue_Pokemon> {
///         &self.sources.pokemon
///     }
/// }
/// ```
pub(super) fn impl_loads_aggregates(channel: &Channel<'_>, source: &Source) -> TokenStream {
    let (span, ty, store, field) = (source.span(), &source.ty, source.store(channel), &source.field);
    let (krate, ident) = (channel.krate().at(span), source.at(channel.ident()));
    quote_spanned! {span=>
        #[automatically_derived]
        impl #krate::channel::LoadsAggregates<#ty> for #ident where #store: #krate::EventSourced {
            fn __aggregates(&self) -> &dyn #krate::__private::AggregateSource<#store> {
                &self.sources.#field
            }
        }
    }
}

/// Returns `::castore::EventStore<Pokemon>` with the span of the source, like [`Source::message_type`].
fn store_type(channel: &Channel<'_>, source: &Source) -> TokenStream {
    let (span, store) = (source.span(), source.store(channel));
    let krate = channel.krate().at(span);
    quote_spanned!(span=> #krate::EventStore<#store>)
}

/// Generates, for each source, a check that its state can be part of a message, with the span of the source. The
/// compiler evaluates the check, because only the code that `#[event_store]` generates knows the result.
///
/// ```text
/// const _: () =
///     ::castore::__private::assert_state_is_object(
///         "BackupQueue", <BackupQueue as ::castore::MessageChannel>::SOURCES, 0,
///     );
/// ```
pub(super) fn expand_state_checks(channel: &Channel<'_>) -> TokenStream {
    let name = channel.name();
    let sources = channel.sources.iter().enumerate().filter(|_| channel.kind.is_state_carrying());
    let checks = sources.map(|(index, source)| {
        let (span, index) = (source.span(), Literal::usize_unsuffixed(index));
        let krate = channel.krate().at(span);
        let ident = channel.ident();
        quote_spanned! {span=>
            const _: () = #krate::__private::assert_state_is_object(#name, <#ident as #krate::MessageChannel>::SOURCES, #index);
        }
    });
    checks.collect()
}
