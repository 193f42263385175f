//! The code that `message_channel!` generates for one channel.

use super::attr::Order;
use super::message_enum::{expand_message_enum, impls_of_message_enum};
use super::model::Channel;
use super::source_alias::expand_source_aliases;
use super::state_carrying;
use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

/// Generates all items of a channel:
///
/// ```text
/// pub struct AppBus { core: ::castore::__private::ChannelCore<AppBusMessage> }
/// pub enum AppBusMessage { … }
/// pub const AppBus: ::castore::__private::NotCreated<AppBus> = …;
/// // for each source
/// type __AppBus_Pokemon = …;
/// const _: () = {
///     impl AppBus { … }
///     impl ::castore::MessageChannel for AppBus { … }
///     // the impls of the message enum, and for each source
///     impl ::castore::channel::Carries<Pokemon> for AppBus where … {}
///     ::castore::__private::assert_distinct_id("AppBus", <AppBus as ::castore::MessageChannel>::SOURCES, 1);
/// };
/// ```
pub(super) fn expand(channel: &Channel<'_>) -> TokenStream {
    let channel_struct = expand_struct(channel);
    let other_items = expand_other_items(channel);
    quote!(#channel_struct #other_items)
}

/// Generates all items except the struct of the channel.
pub(super) fn expand_other_items(channel: &Channel<'_>) -> TokenStream {
    let cfgs = channel.cfgs();
    let sources_struct = channel.kind.is_state_carrying().then(|| state_carrying::expand_sources(channel));
    let message_enum = expand_message_enum(channel);
    let aliases = expand_source_aliases(channel);
    let value = expand_value(channel);
    let constructors = expand_constructors(channel);
    let impl_channel = impl_channel(channel);
    let impls_of_message_enum = impls_of_message_enum(channel);
    let membership = expand_membership(channel);
    let id_checks = expand_id_checks(channel);
    let kind_check = expand_kind_check(channel);
    let state_checks = state_carrying::expand_state_checks(channel);
    quote_spanned! {channel.span()=>
        #sources_struct
        #message_enum
        #value
        #aliases
        #(#cfgs)*
        #[allow(deprecated, trivial_bounds)]
        const _: () = {
            #constructors
            #impl_channel
            #impls_of_message_enum
            #membership
            #kind_check
            #id_checks
            #state_checks
        };
    }
}

/// Generates the struct of the channel:
///
/// ```text
/// /// A notification message bus. Carries `Pokemon` and `Trainer`. Order: none. Id: `APP_BUS`.
/// #[derive(Debug, Clone, Default)]
/// pub struct AppBus {
///     core: ::castore::__private::ChannelCore<AppBusMessage>,
/// }
/// ```
///
/// A state-carrying channel has a second field, `sources`.
pub(super) fn expand_struct(channel: &Channel<'_>) -> TokenStream {
    let (krate, vis, ident, message) = (channel.krate(), &channel.source.vis, channel.ident(), channel.message_ident());
    let docs = channel.docs();
    let docs = docs.iter().map(|doc| quote!(#[doc = #doc]));
    let attrs = channel.attrs();
    let state_carrying = channel.kind.is_state_carrying();
    let default = (!state_carrying).then(|| quote!(, ::core::default::Default));
    let sources_ident = channel.sources_ident();
    let sources = state_carrying.then(|| quote!(sources: #krate::__private::Arc<#sources_ident>,));
    quote_spanned! {channel.span()=>
        #(#attrs)*
        #(#docs)*
        #[derive(::core::fmt::Debug, ::core::clone::Clone #default)]
        #vis struct #ident {
            core: #krate::__private::ChannelCore<#message>,
            #sources
        }
    }
}

/// Generates a constant with the name of the channel. Because of this constant, the mistake `connect(AppBus)`, which
/// passes the name of the type instead of a channel, fails with an error text of this library.
///
/// ```text
/// pub const AppBus: ::castore::__private::NotCreated<AppBus> = ::castore::__private::NotCreated::VALUE;
/// ```
fn expand_value(channel: &Channel<'_>) -> TokenStream {
    let (krate, vis, ident, cfgs) = (channel.krate(), &channel.source.vis, channel.ident(), channel.cfgs());
    quote_spanned! {channel.span()=>
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(dead_code, deprecated, non_upper_case_globals)]
        #vis const #ident: #krate::__private::NotCreated<#ident> = #krate::__private::NotCreated::VALUE;
    }
}

/// Generates the constructors:
///
/// ```text
/// impl AppBus {
///     /// Creates the message channel, without an adapter yet.
///     pub fn new() -> Self { Self { core: Default::default() } }
///     /// Creates the message channel, with an adapter.
///     pub fn with_adapter<__A: ::castore::channel::ChannelAdapter<Self>>(__adapter: __A) -> Self { … }
/// }
/// ```
fn expand_constructors(channel: &Channel<'_>) -> TokenStream {
    let (krate, vis, ident) = (channel.krate(), &channel.source.vis, channel.ident());
    let sources = channel.sources_ident();
    let is_state_carrying = channel.kind.is_state_carrying();
    let parameter = is_state_carrying.then(|| quote!(__sources: #sources));
    let comma = is_state_carrying.then(|| quote!(,));
    let argument = is_state_carrying.then(|| quote!(__sources));
    let field = is_state_carrying.then(|| quote!(sources: #krate::__private::Arc::new(__sources)));
    quote_spanned! {channel.span()=>
        impl #ident {
            /// Creates the message channel, without an adapter yet.
            #vis fn new(#parameter) -> Self {
                Self { core: ::core::default::Default::default() #comma #field }
            }
            /// Creates the message channel, with an adapter.
            #vis fn with_adapter<__A: #krate::channel::ChannelAdapter<Self>>(#parameter #comma __adapter: __A) -> Self {
                let __channel = Self::new(#argument);
                #krate::MessageChannel::set_adapter(&__channel, __adapter);
                __channel
            }
        }
    }
}

/// Generates the impl of `MessageChannel`:
///
/// ```text
/// impl ::castore::MessageChannel for AppBus {
///     const ID: &'static str = "APP_BUS";
///     const SOURCES: &'static [::castore::channel::ChannelSource] =
///         &[::castore::channel::ChannelSource::new::<__AppBus_Pokemon>("Pokemon")];
///     type Message = AppBusMessage;
///     type Kind = ::castore::channel::Notification;
///     type Topology = ::castore::channel::Bus;
///     type Order = ::castore::channel::Unordered;
///     fn __core(&self) -> &::castore::__private::ChannelCore<AppBusMessage> { &self.core }
/// }
/// ```
fn impl_channel(channel: &Channel<'_>) -> TokenStream {
    let (krate, ident, message) = (channel.krate(), channel.ident(), channel.message_ident());
    let id = channel.id();
    let sources = channel.sources.iter().map(|source| {
        let (span, store, name) = (source.span(), source.store(channel), &source.name);
        let krate = krate.at(span);
        quote_spanned!(span=> #krate::channel::ChannelSource::new::<#store>(#name))
    });
    let (kind, topology) = (channel.kind.marker(), channel.kind.topology_marker());
    let order = match channel.attr.order {
        Order::Unordered => quote!(Unordered),
        Order::PerAggregate => quote!(PerAggregate),
    };
    quote_spanned! {channel.span()=>
        #[automatically_derived]
        impl #krate::MessageChannel for #ident {
            const ID: &'static str = #id;
            const SOURCES: &'static [#krate::channel::ChannelSource] = &[#(#sources),*];
            type Message = #message;
            type Kind = #krate::channel::#kind;
            type Topology = #krate::channel::#topology;
            type Order = #krate::channel::#order;
            fn __core(&self) -> &#krate::__private::ChannelCore<#message> {
                &self.core
            }
        }
    }
}

/// Generates, for each source, the impls that allow connecting its event store to the channel. These impls name the
/// type as the user wrote it, because the compiler lists them in errors. If the type is not an event store, the alias
/// in the bound is an unknown type, and the compiler accepts every bound on an unknown type.
///
/// ```text
/// impl ::castore::channel::Carries<Pokemon> for AppBus where __AppBus_Pokemon: ::castore::EventSourced {}
/// impl ::castore::channel::ConnectsTo<Pokemon> for AppBus where … { type Channel = Self; … }
/// ```
fn expand_membership(channel: &Channel<'_>) -> TokenStream {
    let impls = channel.sources.iter().map(|source| {
        let (span, ty, store) = (source.span(), &source.ty, source.store(channel));
        let (krate, ident) = (channel.krate().at(span), source.at(channel.ident()));
        let loads = channel.kind.is_state_carrying().then(|| state_carrying::impl_loads_aggregates(channel, source));
        quote_spanned! {span=>
            #[automatically_derived]
            impl #krate::channel::Carries<#ty> for #ident where #store: #krate::EventSourced {}
            #[automatically_derived]
            impl #krate::channel::ConnectsTo<#ty> for #ident where #store: #krate::EventSourced {
                type Channel = Self;
                fn __channel(self) -> Self {
                    self
                }
            }
            #loads
        }
    });
    impls.collect()
}

/// Generates code that uses the path of the kind. Therefore the kind must be imported in the same way as outside of the
/// macro, and editors show its documentation. For an unknown kind, which was already reported, generates nothing.
///
/// ```text
/// const _: () = ::castore::__private::assert_channel_kind::<
///     NotificationMessageBus,
///     ::castore::channel::Notification,
///     ::castore::channel::Bus,
/// >();
/// ```
fn expand_kind_check(channel: &Channel<'_>) -> Option<TokenStream> {
    let path = channel.kind_path.as_ref()?;
    let span = Span::call_site().located_at(path.span());
    let (krate, kind, topology) = (channel.krate().at(span), channel.kind.marker(), channel.kind.topology_marker());
    Some(quote_spanned! {span=>
        const _: () =
            #krate::__private::assert_channel_kind::<#path, #krate::channel::#kind, #krate::channel::#topology>();
    })
}

/// Generates, for each source except the first, a check that no earlier source has the same id. The compiler evaluates
/// the check, because the macro does not know the ids of event stores. The check has the span of the source, so that
/// the error underlines the source whose id is already taken.
///
/// ```text
/// const _: () = ::castore::__private::assert_distinct_id("AppBus", <AppBus as ::castore::MessageChannel>::SOURCES, 1);
/// ```
fn expand_id_checks(channel: &Channel<'_>) -> TokenStream {
    let name = channel.name();
    let checks = channel.sources.iter().enumerate().skip(1).map(|(index, source)| {
        let (span, index) = (source.span(), Literal::usize_unsuffixed(index));
        let krate = channel.krate().at(span);
        let ident = channel.ident();
        quote_spanned! {span=>
            const _: () = #krate::__private::assert_distinct_id(#name, <#ident as #krate::MessageChannel>::SOURCES, #index);
        }
    });
    checks.collect()
}
