//! The enum of a channel's messages.

use super::model::Channel;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

/// ```text
/// /// A message of [`AppBus`].
/// #[derive(Debug, Clone)]
/// pub enum AppBusMessage {
///     /// A message of event store [`Pokemon`].
///     Pokemon(::castore::NotificationMessage<Pokemon>),
/// }
/// impl ::castore::message::ChannelMessage for AppBusMessage { … }
/// ::castore::__private::channel_message_serde!(AppBus, AppBusMessage);
/// // and, for each source
/// impl From<::castore::NotificationMessage<Pokemon>> for AppBusMessage { … }
/// ```
pub(super) fn expand_message_enum(channel: &Channel<'_>) -> TokenStream {
    let (krate, vis, message, cfgs) = (channel.krate(), &channel.source.vis, channel.message_ident(), channel.cfgs());
    let doc = format!(" A message of [`{}`].", channel.name());
    let variants = channel.sources.iter().map(|source| {
        let (variant, ty) = (&source.variant, source.message_type(channel));
        let doc = format!(" A message of event store {}.", source.doc_link());
        quote!(#[doc = #doc] #variant(#ty))
    });
    let impl_message = impl_channel_message(channel);
    let impls_from = impls_from(channel);
    let alias = channel.ident();
    quote_spanned! {channel.span()=>
        #(#cfgs)*
        #[doc = #doc]
        #[derive(::core::fmt::Debug, ::core::clone::Clone)]
        #vis enum #message {
            #(#variants,)*
        }
        #impl_message
        #(#cfgs)*
        #krate::__private::channel_message_serde!(#alias, #message);
        #impls_from
    }
}

/// ```text
/// impl ::castore::message::ChannelMessage for AppBusMessage {
///     fn as_message(&self) -> &dyn ::castore::message::AnyMessage { match self { Self::Pokemon(message) => message } }
///     // Where two ids are equal, that is an error of its own.
///     #[allow(unreachable_patterns)]
///     fn with_source<V: SourceVisitor<Self>>(event_store_id: &str, visitor: V) -> Option<V::Output> {
///         match event_store_id {
///             <Pokemon as ::castore::EventSourced>::EVENT_STORE_ID => Some(visitor.visit::<NotificationMessage<Pokemon>>()),
///             _ => None,
///         }
///     }
/// }
/// ```
fn impl_channel_message(channel: &Channel<'_>) -> TokenStream {
    let (krate, message, cfgs) = (channel.krate(), channel.message_ident(), channel.cfgs());
    let messages = channel.sources.iter().map(|source| {
        let variant = &source.variant;
        quote_spanned!(source.span()=> Self::#variant(message) => message)
    });
    let ids = channel.sources.iter().map(|source| {
        let (span, ty) = (source.span(), &source.ty);
        let krate = krate.at(span);
        quote_spanned!(span=> <#ty as #krate::EventSourced>::EVENT_STORE_ID)
    });
    // Not named with the span of a source: under a `macro_rules!`, a name with another span is a different name.
    let visitor = Ident::new("visitor", Span::call_site());
    let visits = channel.sources.iter().map(|source| {
        let ty = source.message_type(channel);
        quote_spanned!(source.span()=> #visitor.visit::<#ty>())
    });
    // If all sources of a channel were rejected, it has no messages to match.
    let matched = if channel.sources.is_empty() { quote!(*self) } else { quote!(self) };
    quote_spanned! {channel.span()=>
        #(#cfgs)*
        #[automatically_derived]
        impl #krate::message::ChannelMessage for #message {
            fn as_message(&self) -> &dyn #krate::message::AnyMessage {
                match #matched {
                    #(#messages,)*
                }
            }
            #[allow(unreachable_patterns)]
            fn with_source<V: #krate::__private::SourceVisitor<Self>>(
                event_store_id: &str,
                #visitor: V,
            ) -> ::core::option::Option<V::Output> {
                match event_store_id {
                    #(#ids => ::core::option::Option::Some(#visits),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
}

/// ```text
/// impl From<::castore::NotificationMessage<Pokemon>> for AppBusMessage {
///     fn from(message: ::castore::NotificationMessage<Pokemon>) -> Self { Self::Pokemon(message) }
/// }
/// ```
fn impls_from(channel: &Channel<'_>) -> TokenStream {
    let cfgs = channel.cfgs();
    let impls = channel.sources.iter().map(|source| {
        let (variant, ty) = (&source.variant, source.message_type(channel));
        let message = source.at(&channel.message_ident());
        quote_spanned! {source.span()=>
            #(#cfgs)*
            #[automatically_derived]
            impl ::core::convert::From<#ty> for #message {
                fn from(message: #ty) -> Self {
                    Self::#variant(message)
                }
            }
        }
    });
    impls.collect()
}
