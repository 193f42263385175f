//! Splitting of an attribute's tokens into options, which works even if one of the options is malformed.

use crate::casing;
use crate::errors::Errors;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// The tokens of one option.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) key: Option<Ident>,
    /// The parentheses between the key and the equals sign.
    pub(super) parentheses: Option<Group>,
    pub(super) has_equals: bool,
    /// The tokens after the key and the equals sign.
    pub(super) rest: TokenStream,
}

impl Chunk {
    fn is_empty(&self) -> bool {
        self.key.is_none() && self.rest.is_empty()
    }

    fn push(&mut self, token: TokenTree) {
        match token {
            TokenTree::Ident(key) if self.is_empty() => self.key = Some(key),
            TokenTree::Punct(punct) if punct.as_char() == '=' && self.key.is_some() && !self.has_equals => {
                self.parentheses = parentheses(&self.rest);
                self.has_equals = self.rest.is_empty() || self.parentheses.is_some();
                if self.has_equals {
                    self.rest = TokenStream::new();
                } else {
                    self.rest.extend([TokenTree::Punct(punct)]);
                }
            }
            token => self.rest.extend([token]),
        }
    }
}

/// Returns the parentheses if there are no other tokens.
pub(super) fn parentheses(tokens: &TokenStream) -> Option<Group> {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Parenthesis => Some(group),
        _ => None,
    }
}

/// Returns whether the tokens after an identifier make it the key of an option: an equals sign, or parentheses and an
/// equals sign.
fn is_key(mut after: impl Iterator<Item = TokenTree>) -> bool {
    let equals = |token: Option<TokenTree>| matches!(token, Some(TokenTree::Punct(next)) if next.as_char() == '=');
    match after.next() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => equals(after.next()),
        token => equals(token),
    }
}

pub(super) fn split(tokens: TokenStream, names: &[&str], errors: &mut Errors) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut chunk = Chunk::default();
    let mut angles = 0_usize;
    let mut previous = ' ';
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let mut current = ' ';
        match &token {
            TokenTree::Punct(punct) => {
                current = punct.as_char();
                match current {
                    ',' if angles == 0 => {
                        chunks.push(std::mem::take(&mut chunk));
                        continue;
                    }
                    '<' => angles += 1,
                    // The `>` of `->` and `=>` closes no bracket.
                    '>' if previous != '-' && previous != '=' => angles = angles.saturating_sub(1),
                    _ => {}
                }
            }
            TokenTree::Ident(ident) => {
                let starts_option = names.contains(&casing::text(ident).as_str()) && is_key(tokens.clone());
                if starts_option && chunk.has_equals && !chunk.rest.is_empty() {
                    errors.on(ident, format!("expected `,` before option `{ident}`"));
                    chunks.push(std::mem::take(&mut chunk));
                    angles = 0;
                }
            }
            TokenTree::Group(_) | TokenTree::Literal(_) => {}
        }
        previous = current;
        chunk.push(token);
    }
    chunks.push(chunk);
    chunks.retain(|chunk| !chunk.is_empty());
    chunks
}
