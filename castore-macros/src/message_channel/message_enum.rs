//! The enum of a channel's messages.

use super::model::Channel;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

/// Generates the enum:
///
/// ```text
/// /// A message of [`AppBus`].
/// #[derive(Debug, Clone)]
/// pub enum AppBusMessage {
///     /// A message of event store [`Pokemon`].
///     Pokemon(::castore::NotificationMessage<__AppBus_Pokemon>),
/// }
/// ```
pub(super) fn expand_message_enum(channel: &Channel<'_>) -> TokenStream {
    let (vis, message, cfgs) = (&channel.source.vis, channel.message_ident(), channel.cfgs());
    let doc = format!(" A message of [`{}`].", channel.name());
    let variants = channel.sources.iter().map(|source| {
        let (variant, ty) = (&source.variant, source.message_type(channel));
        let doc = format!(" A message of event store {}.", source.doc_link());
        quote!(#[doc = #doc] #variant(#ty))
    });
    quote_spanned! {channel.span()=>
        #(#cfgs)*
        #[doc = #doc]
        #[derive(::core::fmt::Debug, ::core::clone::Clone)]
        #vis enum #message {
            #(#variants,)*
        }
    }
}

/// Generates the impls of the enum:
///
/// ```text
/// impl ::castore::message::ChannelMessage for AppBusMessage { … }
/// impl ::castore::message::MessageEnum for AppBusMessage { type Channel = AppBus; }
/// impl ::castore::channel::IntoChannelMessage<AppBus> for AppBusMessage { … }
/// impl Serialize for AppBusMessage { … }
/// impl<'de> Deserialize<'de> for AppBusMessage { … }
/// // and, for each source
/// impl From<::castore::NotificationMessage<__AppBus_Pokemon>> for AppBusMessage { … }
/// ```
pub(super) fn impls_of_message_enum(channel: &Channel<'_>) -> TokenStream {
    let impl_message = impl_channel_message(channel);
    let impls_serde = impls_serde(channel);
    let impls_from = impls_from(channel);
    let (krate, ident, message) = (channel.krate(), channel.ident(), channel.message_ident());
    quote_spanned! {channel.span()=>
        #impl_message
        #[automatically_derived]
        impl #krate::message::MessageEnum for #message {
            type Channel = #ident;
        }
        #[automatically_derived]
        impl #krate::channel::IntoChannelMessage<#ident> for #message {
            fn into_channel_message(self) -> Self {
                self
            }
        }
        #impls_serde
        #impls_from
    }
}

/// Generates the impl of `ChannelMessage`:
///
/// ```text
/// impl ::castore::message::ChannelMessage for AppBusMessage {
///     fn as_message(&self) -> &dyn ::castore::message::AnyMessage {
///         match self { Self::Pokemon(__message) => __message }
///     }
///     // Equal ids are a separate error.
///     #[allow(unreachable_patterns)]
///     fn with_source<__V: SourceVisitor<Self>>(__event_store_id: &str, __visitor: __V) -> Option<__V::Output> {
///         match __event_store_id {
///             <__AppBus_Pokemon as ::castore::EventSourced>::EVENT_STORE_ID => {
///                 Some(__visitor.visit::<NotificationMessage<__AppBus_Pokemon>>())
///             }
///             _ => None,
///         }
///     }
/// }
/// ```
fn impl_channel_message(channel: &Channel<'_>) -> TokenStream {
    let (krate, message) = (channel.krate(), channel.message_ident());
    let messages = channel.sources.iter().map(|source| {
        let variant = &source.variant;
        quote_spanned!(source.span()=> Self::#variant(__message) => __message)
    });
    let ids = channel.sources.iter().map(|source| {
        let (span, store) = (source.span(), source.store(channel));
        let krate = krate.at(span);
        quote_spanned!(span=> <#store as #krate::EventSourced>::EVENT_STORE_ID)
    });
    // This name does not have the span of a source: inside a `macro_rules!`, a name with a different span is a
    // different name.
    let visitor = Ident::new("__visitor", Span::call_site());
    let visits = channel.sources.iter().map(|source| {
        let ty = source.message_type(channel);
        quote_spanned!(source.span()=> #visitor.visit::<#ty>())
    });
    // If all sources of a channel were rejected, the enum has no variants to match.
    let matched = if channel.sources.is_empty() { quote!(*self) } else { quote!(self) };
    quote_spanned! {channel.span()=>
        #[automatically_derived]
        impl #krate::message::ChannelMessage for #message {
            fn as_message(&self) -> &dyn #krate::message::AnyMessage {
                match #matched {
                    #(#messages,)*
                }
            }
            #[allow(unreachable_patterns)]
            fn with_source<__V: #krate::__private::SourceVisitor<Self>>(
                __event_store_id: &str,
                #visitor: __V,
            ) -> ::core::option::Option<__V::Output> {
                match __event_store_id {
                    #(#ids => ::core::option::Option::Some(#visits),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
}

/// Generates the impls of serde's traits:
///
/// ```text
/// impl Serialize for AppBusMessage {
///     fn serialize<__S: Serializer>(&self, __serializer: __S) -> Result<__S::Ok, __S::Error> {
///         ::castore::__private::serialize_channel_message(self, __serializer)
///     }
/// }
/// impl<'de> Deserialize<'de> for AppBusMessage { … }
/// ```
fn impls_serde(channel: &Channel<'_>) -> TokenStream {
    let (krate, message) = (channel.krate(), channel.message_ident());
    quote_spanned! {channel.span()=>
        #[automatically_derived]
        impl #krate::__private::serde::Serialize for #message {
            fn serialize<__S: #krate::__private::serde::Serializer>(
                &self,
                __serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                #krate::__private::serialize_channel_message(self, __serializer)
            }
        }
        #[automatically_derived]
        impl<'de> #krate::__private::serde::Deserialize<'de> for #message {
            fn deserialize<__D: #krate::__private::serde::Deserializer<'de>>(
                __deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                #krate::__private::deserialize_channel_message(__deserializer)
            }
        }
    }
}

/// Generates the conversion of each source's messages into the enum:
///
/// ```text
/// impl From<::castore::NotificationMessage<__AppBus_Pokemon>> for AppBusMessage {
///     fn from(__message: ::castore::NotificationMessage<__AppBus_Pokemon>) -> Self { Self::Pokemon(__message) }
/// }
/// ```
fn impls_from(channel: &Channel<'_>) -> TokenStream {
    let impls = channel.sources.iter().map(|source| {
        let (variant, ty) = (&source.variant, source.message_type(channel));
        let message = source.at(&channel.message_ident());
        quote_spanned! {source.span()=>
            #[automatically_derived]
            impl ::core::convert::From<#ty> for #message {
                fn from(__message: #ty) -> Self {
                    Self::#variant(__message)
                }
            }
        }
    });
    impls.collect()
}
