//! The grammar of `wiring!`.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Path, Token, Visibility, bracketed};

/// The input of the macro: `pub struct Game; stores: [Pokemon], …`.
pub(super) struct Input {
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) ident: Ident,
    pub(super) lists: Vec<List>,
}

/// A list: `stores: [Pokemon]`.
pub(super) struct List {
    pub(super) key: Ident,
    pub(super) entries: Vec<Entry>,
}

/// An entry of a list: `Pokemon`, `mailer on MailQueue in_order` or `"APP_BUS" publishes AppBus`.
pub(super) struct Entry {
    pub(super) subject: Subject,
    pub(super) relation: Option<Relation>,
}

pub(super) enum Subject {
    Path(Path),
    Name(LitStr),
}

/// The part of an entry after its subject: `on MailQueue in_order`.
pub(super) struct Relation {
    pub(super) verb: Ident,
    pub(super) channel: Path,
    pub(super) order: Option<Ident>,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        input.parse::<Token![struct]>()?;
        let ident = input.parse()?;
        input.parse::<Token![;]>()?;
        let lists = Punctuated::<List, Token![,]>::parse_terminated(input)?;
        Ok(Self { attrs, vis, ident, lists: lists.into_iter().collect() })
    }
}

impl Parse for List {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        input.parse::<Token![:]>()?;
        let content;
        bracketed!(content in input);
        let entries = Punctuated::<Entry, Token![,]>::parse_terminated(&content)?;
        Ok(Self { key, entries: entries.into_iter().collect() })
    }
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let subject = if input.peek(LitStr) { Subject::Name(input.parse()?) } else { Subject::Path(input.parse()?) };
        let relation = if input.is_empty() || input.peek(Token![,]) { None } else { Some(input.parse()?) };
        Ok(Self { subject, relation })
    }
}

impl Parse for Relation {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let verb = input.call(Ident::parse_any)?;
        let channel = input.parse()?;
        let order = if input.is_empty() || input.peek(Token![,]) { None } else { Some(input.call(Ident::parse_any)?) };
        Ok(Self { verb, channel, order })
    }
}

impl ToTokens for Entry {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.subject.to_tokens(tokens);
        if let Some(Relation { verb, channel, order }) = &self.relation {
            verb.to_tokens(tokens);
            channel.to_tokens(tokens);
            order.to_tokens(tokens);
        }
    }
}

impl ToTokens for Subject {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Path(path) => path.to_tokens(tokens),
            Self::Name(name) => name.to_tokens(tokens),
        }
    }
}
