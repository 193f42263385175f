//! The macro `message_channel!` and the attribute macro `#[channel]`.

mod attr;
mod check;
mod expand;
mod input;
mod kind;
mod message_enum;
mod model;
mod source_alias;
mod state_carrying;
#[cfg(test)]
mod tests;

use crate::attrs;
use crate::casing;
use crate::errors::Errors;
use crate::item_kind;
use attr::ChannelAttr;
use model::Channel;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::{DeriveInput, Item, ItemType};

pub(crate) fn message_channel(body: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let mut expansions = TokenStream::new();
    let mut names: Vec<Ident> = Vec::new();
    for item in input::items(body, &mut errors) {
        match item {
            Item::Type(alias) => {
                // Channels with different `#[cfg(…)]` attributes may have the same name.
                let is_conditional = attrs::cfgs(&alias.attrs).next().is_some();
                if let Some(first) = names.iter().find(|name| **name == alias.ident && !is_conditional) {
                    let name = casing::text(first);
                    errors.on(&alias.ident, format!("two message channels are called `{name}`; rename one of them"));
                    errors.on(first, format!("`{name}` is first declared here"));
                    continue;
                }
                if !is_conditional {
                    names.push(alias.ident.clone());
                }
                let attr = ChannelAttr::read(None, &alias.attrs, &mut errors);
                let channel = read_channel(&alias, attr, &mut errors);
                expansions.extend(channel.map(|channel| expand::expand(&channel)));
            }
            item => {
                let (kind, tokens) = item_kind::describe(&item);
                errors.on(
                    tokens,
                    format!("`message_channel!` holds `type` aliases; move the {kind} out of it, or write `{EXAMPLE}`"),
                );
                expansions.extend(quote!(#item));
            }
        }
    }
    let errors = errors.to_compile_errors();
    quote!(#expansions #errors)
}

/// The helper attribute that passes the alias to the derive.
const ALIAS: &str = "__channel";

/// Expands `#[channel(…)]` on an alias outside of `message_channel!`.
///
/// The attribute generates only the struct of the channel, with a derive that generates the other items. If the alias
/// is in an `impl`, where no channel can be declared, the compiler then reports only the struct.
pub(crate) fn channel(attr: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let expansion = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Type(alias)) => {
            let options = ChannelAttr::read(Some(attr.clone()), &alias.attrs, &mut errors);
            match read_channel(&alias, options, &mut errors) {
                Some(channel) => {
                    let (krate, channel_struct) = (channel.krate(), expand::expand_struct(&channel));
                    quote!(#[derive(#krate::__private::Channel)] #[__channel((#attr) #item)] #channel_struct)
                }
                None => TokenStream::new(),
            }
        }
        Ok(other) => {
            let (kind, tokens) = item_kind::describe(&other);
            errors.on(tokens, format!("`#[channel]` belongs on a `type` alias, not on {kind}; write `{EXAMPLE}`"));
            item
        }
        Err(error) => {
            errors.push(error);
            item
        }
    };
    let errors = errors.to_compile_errors();
    quote!(#expansion #errors)
}

/// Expands the hidden derive. The attribute has already reported the mistakes.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let Ok(input) = syn::parse2::<DeriveInput>(input) else { return TokenStream::new() };
    let attr = input.attrs.iter().find(|attr| attr.path().is_ident(ALIAS));
    let Some(tokens) = attr.and_then(|attr| attr.meta.require_list().ok()).map(|list| list.tokens.clone()) else {
        return TokenStream::new();
    };
    let mut tokens = tokens.into_iter();
    let Some(TokenTree::Group(options)) = tokens.next() else { return TokenStream::new() };
    let Ok(alias) = syn::parse2::<ItemType>(tokens.collect()) else { return TokenStream::new() };
    let mut reported = Errors::new();
    let attr = ChannelAttr::read(Some(options.stream()), &alias.attrs, &mut reported);
    let channel = read_channel(&alias, attr, &mut reported);
    channel.map(|channel| expand::expand_other_items(&channel)).unwrap_or_default()
}

const EXAMPLE: &str = "type AppBus = NotificationMessageBus<Pokemon, Trainer>;";

/// Reads and checks a channel. Returns `None` if no code can be generated for it.
fn read_channel<'a>(alias: &'a ItemType, attr: ChannelAttr, errors: &mut Errors) -> Option<Channel<'a>> {
    if attr.krate.is_missing() {
        return None;
    }
    let mut channel = Channel::read(alias, attr, errors);
    check::check(&mut channel, errors);
    // Two types with the same name would cause further errors of the compiler.
    (!channel.has_name_of_a_source()).then_some(channel)
}
