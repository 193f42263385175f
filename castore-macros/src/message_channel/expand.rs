//! What `message_channel!` generates for one channel.

use super::attr::Order;
use super::message_enum::expand_message_enum;
use super::model::Channel;
use super::state_carrying;
use crate::casing;
use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

/// ```text
/// pub struct AppBus(::castore::__private::ChannelCore<AppBusMessage>);
/// impl AppBus { pub fn new() -> Self { … } }
/// pub enum AppBusMessage { … }
/// impl ::castore::MessageChannel for AppBus { … }
/// // and, for each source
/// impl ::castore::channel::Carries<Pokemon> for AppBus {}
/// const _: () = ::castore::__private::assert_distinct_id("AppBus", <AppBus as ::castore::MessageChannel>::SOURCES, 1);
/// ```
pub(super) fn expand(channel: &Channel<'_>) -> TokenStream {
    let (channel_struct, core) = if channel.kind.is_state_carrying() {
        (state_carrying::expand_struct(channel), quote!(&self.core))
    } else {
        (expand_struct(channel), quote!(&self.0))
    };
    let impl_channel = impl_channel(channel, &core);
    let message_enum = expand_message_enum(channel);
    let membership = expand_membership(channel);
    let id_checks = expand_id_checks(channel);
    let state_checks = state_carrying::expand_state_checks(channel);
    // The message types come before the code with bounds on them: if a source is not an event store, the first error is
    // about that.
    quote!(#channel_struct #message_enum #impl_channel #membership #id_checks #state_checks)
}

/// ```text
/// #[derive(Debug, Clone, Default)]
/// pub struct AppBus(::castore::__private::ChannelCore<AppBusMessage>);
/// impl AppBus {
///     /// Creates the message channel, without an adapter yet.
///     pub fn new() -> Self { Default::default() }
/// }
/// ```
fn expand_struct(channel: &Channel<'_>) -> TokenStream {
    let (krate, vis, ident, message) = (channel.krate(), &channel.source.vis, channel.ident(), channel.message_ident());
    let (attrs, cfgs) = (channel.attrs(), channel.cfgs());
    quote_spanned! {channel.span()=>
        #(#attrs)*
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::default::Default)]
        #vis struct #ident(#krate::__private::ChannelCore<#message>);
        #(#cfgs)*
        impl #ident {
            /// Creates the message channel, without an adapter yet.
            #vis fn new() -> Self {
                ::core::default::Default::default()
            }
        }
    }
}

/// ```text
/// impl ::castore::MessageChannel for AppBus {
///     const ID: &'static str = "APP_BUS";
///     const SOURCES: &'static [::castore::__private::ChannelSource] =
///         &[::castore::__private::ChannelSource::new::<Pokemon>("Pokemon")];
///     type Message = AppBusMessage;
///     type Kind = ::castore::channel::Notification;
///     type Topology = ::castore::channel::Bus;
///     type Order = ::castore::channel::Unordered;
///     fn __core(&self) -> &::castore::__private::ChannelCore<AppBusMessage> { &self.0 }
/// }
/// ```
fn impl_channel(channel: &Channel<'_>, core: &TokenStream) -> TokenStream {
    let (krate, ident, message, cfgs) = (channel.krate(), channel.ident(), channel.message_ident(), channel.cfgs());
    let id = match &channel.attr.id {
        Some(id) => id.value(),
        None => casing::screaming_snake_case(&channel.name()),
    };
    let sources = channel.sources.iter().map(|source| {
        let (span, ty, name) = (source.span(), &source.ty, &source.name);
        let krate = krate.at(span);
        quote_spanned!(span=> #krate::__private::ChannelSource::new::<#ty>(#name))
    });
    let (kind, topology) = (channel.kind.marker(), channel.kind.topology_marker());
    let order = match channel.attr.order {
        Order::Unordered => quote!(Unordered),
        Order::PerAggregate => quote!(PerAggregate),
    };
    quote_spanned! {channel.span()=>
        #(#cfgs)*
        #[automatically_derived]
        impl #krate::MessageChannel for #ident {
            const ID: &'static str = #id;
            const SOURCES: &'static [#krate::__private::ChannelSource] = &[#(#sources),*];
            type Message = #message;
            type Kind = #krate::channel::#kind;
            type Topology = #krate::channel::#topology;
            type Order = #krate::channel::#order;
            fn __core(&self) -> &#krate::__private::ChannelCore<#message> {
                #core
            }
        }
    }
}

/// Generates `impl ::castore::channel::Carries<Pokemon> for AppBus {}` for each source, which makes the source
/// connectable.
fn expand_membership(channel: &Channel<'_>) -> TokenStream {
    let cfgs = channel.cfgs();
    let impls = channel.sources.iter().map(|source| {
        let (span, ty, ident) = (source.span(), &source.ty, source.at(channel.ident()));
        let krate = channel.krate().at(span);
        let loads = channel.kind.is_state_carrying().then(|| state_carrying::impl_loads_aggregates(channel, source));
        quote_spanned! {span=>
            #(#cfgs)*
            #[automatically_derived]
            impl #krate::channel::Carries<#ty> for #ident {}
            #loads
        }
    });
    impls.collect()
}

/// Generates one check for each source against the sources before it, because only the compiler knows the ids of event
/// stores. The check has the span of the source, so that the error underlines the source whose id is taken.
///
/// ```text
/// const _: () = ::castore::__private::assert_distinct_id("AppBus", <AppBus as ::castore::MessageChannel>::SOURCES, 1);
/// ```
fn expand_id_checks(channel: &Channel<'_>) -> TokenStream {
    let (name, cfgs) = (channel.name(), channel.cfgs());
    let checks = channel.sources.iter().enumerate().skip(1).map(|(index, source)| {
        let (span, index) = (source.span(), Literal::usize_unsuffixed(index));
        let krate = channel.krate().at(span);
        let ident = channel.ident();
        quote_spanned! {span=>
            #(#cfgs)*
            const _: () = #krate::__private::assert_distinct_id(#name, <#ident as #krate::MessageChannel>::SOURCES, #index);
        }
    });
    checks.collect()
}
