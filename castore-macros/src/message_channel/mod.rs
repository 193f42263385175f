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

use crate::errors::Errors;
use crate::item_kind;
use attr::ChannelAttr;
use model::Channel;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, ItemType};

pub(crate) fn message_channel(body: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let mut expansions = TokenStream::new();
    for item in input::items(body, &mut errors) {
        match item {
            Item::Type(alias) => {
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
    expand::expand(&channel)
}
