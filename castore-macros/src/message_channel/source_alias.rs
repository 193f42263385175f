//! The aliases through which generated code names the event stores of a channel.

use super::model::Channel;
use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;

/// Generates one alias for each source. If the source is not an event store, the alias causes one error, with the span
/// of the source. The alias is then an unknown type, which causes no further errors.
///
/// ```text
/// #[cfg(not(doc))]
/// type __AppBus_Pokemon =
///     ::castore::__private::Checked<Pokemon, { ::castore::__private::is_event_store::<Pokemon>() }>;
/// // The documentation shows the type of the user.
/// #[cfg(doc)]
/// type __AppBus_Pokemon = Pokemon;
/// ```
pub(super) fn expand_source_aliases(channel: &Channel<'_>) -> TokenStream {
    let cfgs = channel.cfgs();
    let aliases = channel.sources.iter().map(|source| {
        let (span, ty, alias) = (source.span(), &source.ty, source.store(channel));
        let krate = channel.krate().at(span);
        // A type whose name ends with `Event` is probably an event enum, for which the check has another error text.
        let is_event = source.name.len() > "Event".len() && source.name.ends_with("Event");
        let check = Ident::new(if is_event { "is_event_store_or_event" } else { "is_event_store" }, span);
        quote_spanned! {span=>
            #(#cfgs)*
            #[cfg(not(doc))]
            #[allow(deprecated, non_camel_case_types)]
            type #alias = #krate::__private::Checked<#ty, { #krate::__private::#check::<#ty>() }>;
            #(#cfgs)*
            #[cfg(doc)]
            #[allow(deprecated, non_camel_case_types)]
            type #alias = #ty;
        }
    });
    aliases.collect()
}
