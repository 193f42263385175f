//! The code that `wiring!` generates.

use super::model::{Named, Wiring};
use crate::casing;
use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

/// Generates the type, with a constant for the name of each consumer.
///
/// ```text
/// #[derive(Debug, Clone, Copy)]
/// pub struct Game;
/// impl Game {
///     /// The name of the consumer of `MailQueue`.
///     pub const MAILER: &'static str = "mailer";
/// }
/// ```
pub(super) fn expand_struct(wiring: &Wiring<'_>) -> TokenStream {
    let Wiring { attrs, vis, ident, .. } = wiring;
    let is_first = |at: usize, name: &str| !wiring.consumers.iter().take(at).any(|earlier| earlier.name == name);
    let names = wiring.consumers.iter().enumerate().filter(|(at, consumer)| is_first(*at, &consumer.name));
    let names = names.map(|(_, consumer)| {
        let (name, doc) = (&consumer.name, format!(" The name of the consumer of `{}`.", consumer.channel.name));
        let constant = casing::ident(&casing::screaming_snake_case(name), consumer.ident.span());
        quote!(#[doc = #doc] #vis const #constant: &'static str = #name;)
    });
    quote! {
        #(#attrs)*
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        #vis struct #ident;
        #[allow(dead_code)]
        impl #ident {
            #(#names)*
        }
    }
}

/// Generates the impl of `Wiring` and the checks:
///
/// ```text
/// const _: () = {
///     const STORES: &[::castore::__private::StoreEntry] = &[StoreEntry::of::<Pokemon>("Pokemon")];
///     const CHANNELS: …;
///     // for each consumer and relay, the only place that names its channel
///     const CONSUMED_0: ::castore::__private::ChannelEntry = ChannelEntry::of::<MailQueue>("MailQueue");
///     impl ::castore::Wiring for Game { … }
///     // the checks of each entry
/// };
/// ```
///
/// Each type is named only once, in a constant. All other code reads this constant, so that one mistake causes one
/// error.
pub(super) fn expand(wiring: &Wiring<'_>) -> TokenStream {
    let Wiring { ident, krate, .. } = wiring;
    let name = wiring.name();
    let entries = |kind: &str, list: &[Named<'_>]| -> TokenStream {
        let of = list.iter().map(|entry| entry_of(wiring, kind, entry));
        quote!(&[#(#of),*])
    };
    let stores = entries("StoreEntry", &wiring.stores);
    let channels = entries("ChannelEntry", &wiring.channels);
    let read_models = entries("ReadModelEntry", &wiring.read_models);
    let consumers = wiring.consumers.iter().enumerate().map(|(at, consumer)| {
        let (place, name, in_order) = (format_ident!("CONSUMED_{at}"), &consumer.name, consumer.in_order);
        quote!(#krate::__private::ConsumerEntry::new(#name, #place, #in_order))
    });
    let relays = wiring.relays.iter().enumerate().map(|(at, relay)| {
        let (place, name) = (format_ident!("RELAYED_{at}"), relay.name);
        quote!(#krate::__private::RelayEntry::new(#name, #place))
    });
    let consumed = wiring.consumers.iter().map(|consumer| &consumer.channel).enumerate();
    let consumed = consumed.map(|(at, channel)| place(wiring, &format!("CONSUMED_{at}"), channel));
    let relayed = wiring.relays.iter().map(|relay| &relay.channel).enumerate();
    let relayed = relayed.map(|(at, channel)| place(wiring, &format!("RELAYED_{at}"), channel));
    let commands = wiring.commands.iter().map(|command| command.path);
    let checks = expand_checks(wiring);
    quote! {
        const _: () = {
            const STORES: &[#krate::__private::StoreEntry] = #stores;
            const CHANNELS: &[#krate::__private::ChannelEntry] = #channels;
            const READ_MODELS: &[#krate::__private::ReadModelEntry] = #read_models;
            #(#consumed)*
            #(#relayed)*
            const CONSUMERS: &[#krate::__private::ConsumerEntry] = &[#(#consumers),*];
            const RELAYS: &[#krate::__private::RelayEntry] = &[#(#relays),*];
            #[automatically_derived]
            impl #krate::Wiring for #ident {
                const NAME: &'static str = #name;
                const STORES: &'static [#krate::__private::StoreEntry] = STORES;
                const CHANNELS: &'static [#krate::__private::ChannelEntry] = CHANNELS;
                const CONSUMERS: &'static [#krate::__private::ConsumerEntry] = CONSUMERS;
                const COMMANDS: &'static [&'static str] = &[#(#commands::ID),*];
                const READ_MODELS: &'static [#krate::__private::ReadModelEntry] = READ_MODELS;
                const RELAYS: &'static [#krate::__private::RelayEntry] = RELAYS;
            }
            #checks
        };
    }
}

/// Generates the impl that accompanies errors: a wiring without entries.
pub(super) fn expand_stub(wiring: &Wiring<'_>) -> TokenStream {
    let (ident, krate, name) = (wiring.ident, &wiring.krate, wiring.name());
    quote! {
        #[automatically_derived]
        impl #krate::Wiring for #ident {
            const NAME: &'static str = #name;
            const STORES: &'static [#krate::__private::StoreEntry] = &[];
            const CHANNELS: &'static [#krate::__private::ChannelEntry] = &[];
            const CONSUMERS: &'static [#krate::__private::ConsumerEntry] = &[];
            const COMMANDS: &'static [&'static str] = &[];
            const READ_MODELS: &'static [#krate::__private::ReadModelEntry] = &[];
            const RELAYS: &'static [#krate::__private::RelayEntry] = &[];
        }
    }
}

/// Generates an entry, with the span of the user's path: `::castore::__private::StoreEntry::of::<Pokemon>("Pokemon")`.
fn entry_of(wiring: &Wiring<'_>, kind: &str, entry: &Named<'_>) -> TokenStream {
    let (span, path, name) = (located_at(entry.span()), entry.path, &entry.name);
    let (krate, kind) = (wiring.krate.at(span), format_ident!("{kind}", span = span));
    quote_spanned!(span=> #krate::__private::#kind::of::<#path>(#name))
}

fn place(wiring: &Wiring<'_>, name: &str, channel: &Named<'_>) -> TokenStream {
    let (krate, place) = (&wiring.krate, format_ident!("{name}"));
    let entry = entry_of(wiring, "ChannelEntry", channel);
    quote!(const #place: #krate::__private::ChannelEntry = #entry;)
}

/// Returns a span with the location of a token of the user and the hygiene of generated code.
fn located_at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

fn expand_checks(wiring: &Wiring<'_>) -> TokenStream {
    let name = wiring.name();
    let mut checks = TokenStream::new();
    for (at, store) in wiring.stores.iter().enumerate() {
        checks.extend(check(wiring, store.span(), "assert_distinct_store", |_| quote!(#name, STORES), Some(at)));
        if !wiring.is_elsewhere(store) {
            let (at, store) = (Literal::usize_unsuffixed(at), store);
            let words = format!(
                "no message channel of `{name}` carries event store `{}`; add it to the sources of a channel, or to \
                 `elsewhere` if its events are not published here",
                store.name
            );
            checks.extend(warn_unless(wiring, store, "is_carried", &quote!(&STORES[#at], CHANNELS), &words));
        }
    }
    for (at, channel) in wiring.channels.iter().enumerate() {
        checks.extend(check(wiring, channel.span(), "assert_distinct_channel", |_| quote!(#name, CHANNELS), Some(at)));
        let at = Literal::usize_unsuffixed(at);
        let listed = |_: Span| quote!(#name, &CHANNELS[#at], STORES);
        checks.extend(check(wiring, channel.span(), "assert_sources_listed", listed, None));
        if !wiring.is_elsewhere(channel) {
            let words = format!(
                "message channel `{}` has no consumer in `{name}`; list one, or add the channel to `elsewhere` if \
                 another program consumes it",
                channel.name
            );
            checks.extend(warn_unless(wiring, channel, "is_consumed", &quote!(&CHANNELS[#at], CONSUMERS), &words));
        }
    }
    for (at, consumer) in wiring.consumers.iter().enumerate() {
        let (span, index) = (consumer.ident.span(), Literal::usize_unsuffixed(at));
        let listed = |_: Span| quote!(#name, &CONSUMERS[#index], CHANNELS);
        checks.extend(check(wiring, consumer.channel.span(), "assert_consumed_channel_listed", listed, None));
        checks.extend(check(wiring, span, "assert_one_worker", |_| quote!(CONSUMERS), Some(at)));
        if consumer.in_order {
            checks.extend(check(wiring, span, "assert_keeps_order", |_| quote!(&CONSUMERS[#index]), None));
        }
    }
    for (at, read_model) in wiring.read_models.iter().enumerate() {
        let index = Literal::usize_unsuffixed(at);
        let span = read_model.span();
        checks.extend(check(wiring, span, "assert_distinct_read_model", |_| quote!(#name, READ_MODELS), Some(at)));
        let listed = |_: Span| quote!(#name, &READ_MODELS[#index], STORES);
        checks.extend(check(wiring, span, "assert_read_stores_listed", listed, None));
    }
    for (at, relay) in wiring.relays.iter().enumerate() {
        let index = Literal::usize_unsuffixed(at);
        let listed = |_: Span| quote!(#name, &RELAYS[#index], CHANNELS);
        checks.extend(check(wiring, relay.channel.span(), "assert_relayed_channel_listed", listed, None));
    }
    checks
}

/// Generates a check, with the span of the entry: `const _: () = ::castore::__private::assert_distinct_store("Game",
/// STORES, 1);`. Generates nothing for index 0, because the first entry has no earlier entries to compare with.
fn check(
    wiring: &Wiring<'_>,
    span: Span,
    check: &str,
    arguments: impl FnOnce(Span) -> TokenStream,
    index: Option<usize>,
) -> TokenStream {
    if index == Some(0) {
        return TokenStream::new();
    }
    let span = located_at(span);
    let (krate, check, arguments) = (wiring.krate.at(span), format_ident!("{check}", span = span), arguments(span));
    let index = index.map(Literal::usize_unsuffixed).into_iter();
    quote_spanned!(span=> const _: () = #krate::__private::#check(#arguments #(, #index)*);)
}

/// Generates code that causes a warning, with the span of the entry, if `condition` is false. The code uses one of two
/// constants with the same name, and the constant for the false case is deprecated.
///
/// ```text
/// const _: () = {
///     struct Wiring<const IS_COMPLETE: bool>;
///     impl Wiring<true> { const CHECKED: () = (); }
///     impl Wiring<false> {
///         #[deprecated(note = "message channel `MailQueue` has no consumer in `Game`; …")]
///         const CHECKED: () = ();
///     }
///     Wiring::<{ ::castore::__private::is_consumed(&CHANNELS[1], CONSUMERS) }>::CHECKED
/// };
/// ```
fn warn_unless(
    wiring: &Wiring<'_>,
    entry: &Named<'_>,
    condition: &str,
    arguments: &TokenStream,
    words: &str,
) -> TokenStream {
    let span = located_at(entry.span());
    let (krate, condition) = (wiring.krate.at(span), format_ident!("{condition}", span = span));
    quote_spanned! {span=>
        const _: () = {
            struct Wiring<const IS_COMPLETE: bool>;
            #[allow(dead_code)]
            impl Wiring<true> {
                const CHECKED: () = ();
            }
            #[allow(dead_code)]
            impl Wiring<false> {
                #[deprecated(note = #words)]
                const CHECKED: () = ();
            }
            Wiring::<{ #krate::__private::#condition(#arguments) }>::CHECKED
        };
    }
}
