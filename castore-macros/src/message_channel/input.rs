//! The items in the body of `message_channel!`.

use crate::errors::Errors;
use crate::text;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Item, ItemType, Token, Type, Visibility, parse_quote};

/// Reads the items. Reports tokens that are not an item, and continues after the next semicolon.
pub(super) fn items(body: TokenStream, errors: &mut Errors) -> Vec<Item> {
    let mut items = Vec::new();
    let read = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let ahead = input.fork();
            // `syn` parses an alias without a type, such as `type AppBus: NotificationMessageBus<Pokemon>;`, as `Verbatim`.
            if let Ok(item) = ahead.parse::<Item>()
                && !matches!(item, Item::Verbatim(_))
            {
                input.advance_to(&ahead);
                items.push(item);
                continue;
            }
            let tokens = skip_item(input)?;
            match as_alias(&tokens) {
                Some((alias, written)) => {
                    errors.on(&tokens, format!("expected a message channel; write `{written}`"));
                    items.push(Item::Type(alias));
                }
                None => errors.on(&tokens, format!("expected a message channel; write `{}`", super::EXAMPLE)),
            }
        }
        Ok(())
    };
    if let Err(error) = read.parse2(body) {
        errors.push(error);
    }
    items
}

/// Returns the tokens up to the next semicolon, and skips the semicolon.
fn skip_item(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![;]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    input.parse::<Option<Token![;]>>()?;
    Ok(tokens)
}

/// Returns the alias that the user probably meant, and how to write it:
///
/// | written | meant |
/// |---|---|
/// | `type AppBus = NotificationMessageBus<Pokemon>`, without `;` | `type AppBus = NotificationMessageBus<Pokemon>;` |
/// | `NotificationMessageBus<Pokemon> as AppBus` | the same |
/// | `AppBus: NotificationMessageBus<Pokemon>` | the same |
/// | `let AppBus = NotificationMessageBus<Pokemon>` | the same |
/// | `type AppBus: NotificationMessageBus<Pokemon>` | the same |
fn as_alias(tokens: &TokenStream) -> Option<(ItemType, String)> {
    let alias = as_alias_without_semicolon(tokens).or_else(|| as_name_and_kind(tokens))?;
    let (vis, ident, ty) = (&alias.vis, &alias.ident, &alias.ty);
    let written = format!("{};", text::compact(quote!(#vis type #ident = #ty)).replace('=', " = "));
    Some((alias, written))
}

fn as_alias_without_semicolon(tokens: &TokenStream) -> Option<ItemType> {
    syn::parse2(quote!(#tokens;)).ok()
}

fn as_name_and_kind(tokens: &TokenStream) -> Option<ItemType> {
    let kind_first = |input: ParseStream<'_>| {
        let ty: Type = input.parse()?;
        input.parse::<Token![as]>()?;
        let ident: Ident = input.parse()?;
        Ok(parse_quote!(type #ident = #ty;))
    };
    let name_first = |input: ParseStream<'_>| {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        for keyword in
            [input.peek(Token![let]), input.peek(Token![const]), input.peek(Token![static]), input.peek(Token![type])]
        {
            if keyword {
                input.parse::<TokenTree>()?;
            }
        }
        let ident: Ident = input.parse()?;
        if input.parse::<Option<Token![:]>>()?.is_none() {
            input.parse::<Token![=]>()?;
        }
        let ty: Type = input.parse()?;
        Ok(parse_quote!(#(#attrs)* #vis type #ident = #ty;))
    };
    kind_first.parse2(tokens.clone()).or_else(|_: syn::Error| name_first.parse2(tokens.clone())).ok()
}
