//! The items in the body of `message_channel!`.

use crate::errors::Errors;
use proc_macro2::TokenStream;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Item, Token};

/// Reads the items. After tokens that are not an item, reading continues after the next semicolon.
pub(super) fn items(body: TokenStream, errors: &mut Errors) -> Vec<Item> {
    let mut items = Vec::new();
    let read = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let ahead = input.fork();
            match ahead.parse::<Item>() {
                Ok(item) => {
                    input.advance_to(&ahead);
                    items.push(item);
                }
                Err(error) => {
                    errors.push(error);
                    skip_item(input)?;
                }
            }
        }
        Ok(())
    };
    if let Err(error) = read.parse2(body) {
        errors.push(error);
    }
    items
}

fn skip_item(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![;]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    input.parse::<Option<Token![;]>>().map(drop)
}
