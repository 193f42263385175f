//! The forms of options: `name = value`, `name(…)` and `name`.

use super::OptionName;
use super::split::Chunk;
use crate::errors::Errors;
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// The way in which an option is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A value: `name = value`.
    Value,
    /// A list: `name(…)`.
    List,
    /// A single word: `name`.
    Word,
}

/// Returns the tokens of the option's value. For a list, these are the tokens between the parentheses, and for a word,
/// there are none. A misspelled list or word was already reported, so further mistakes in it are not reported.
pub(super) fn read_value(
    name: OptionName,
    key: &Ident,
    chunk: Chunk,
    is_misspelled: bool,
    errors: &mut Errors,
) -> TokenStream {
    let OptionName { name, example, form } = name;
    let mut ignored = Errors::new();
    match form {
        Form::Value => {
            if !chunk.has_equals || chunk.rest.is_empty() {
                errors.on(key, format!("option `{name}` needs a value; write `{example}`"));
            }
            if chunk.has_equals { chunk.rest } else { TokenStream::new() }
        }
        Form::List => {
            let errors = if is_misspelled { &mut ignored } else { errors };
            let list = if chunk.has_equals { None } else { list(&chunk.rest) };
            match list {
                Some(list) if list.is_empty() => {
                    errors.on(key, format!("option `{name}` has an empty list; write `{example}`"))
                }
                Some(list) => return list,
                None if chunk.rest.is_empty() => errors.on(key, takes_a_list(name, example)),
                None => errors.on(chunk.rest, takes_a_list(name, example)),
            }
            TokenStream::new()
        }
        Form::Word => {
            let errors = if is_misspelled { &mut ignored } else { errors };
            if chunk.has_equals || !chunk.rest.is_empty() {
                errors.on(key, format!("option `{name}` takes no value; write `{example}`"));
            }
            TokenStream::new()
        }
    }
}

fn takes_a_list(name: &str, example: &str) -> String {
    format!("option `{name}` takes a list in parentheses; write `{example}`")
}

/// Returns the tokens between the parentheses, or `None` if there are other tokens.
fn list(tokens: &TokenStream) -> Option<TokenStream> {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
        _ => None,
    }
}
