//! `message_channel!` and `#[channel]`.

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
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Item, ItemType};

pub(crate) fn message_channel(body: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let mut expansions = TokenStream::new();
    let mut names: Vec<Ident> = Vec::new();
    for item in input::items(body, &mut errors) {
        match item {
            Item::Type(alias) => {
                // Channels under different conditions may have the same name.
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
                expansions.extend(expand_alias(&alias, attr, &mut errors));
            }
            Item::Verbatim(tokens) => errors.on(tokens, format!("expected a message channel; write `{EXAMPLE}`")),
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

/// `#[channel(…)]` on an alias outside of `message_channel!`.
pub(crate) fn channel(attr: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let expansion = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Type(alias)) => {
            let attr = ChannelAttr::read(Some(attr), &alias.attrs, &mut errors);
            expand_alias(&alias, attr, &mut errors)
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

const EXAMPLE: &str = "type AppBus = NotificationMessageBus<Pokemon, Trainer>;";

fn expand_alias(alias: &ItemType, attr: ChannelAttr, errors: &mut Errors) -> TokenStream {
    if attr.krate.is_missing() {
        return TokenStream::new();
    }
    let mut channel = Channel::read(alias, attr, errors);
    check::check(&mut channel, errors);
    if channel.has_name_of_a_source() {
        // The two types of one name would be errors of the compiler.
        return TokenStream::new();
    }
    expand::expand(&channel)
}
