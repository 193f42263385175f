//! The forms of options: `name = value`, `name(word) = value`, `name(…)` and `name`.

use super::OptionName;
use super::split::{Chunk, parentheses};
use crate::errors::Errors;
use crate::{casing, suggest};
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens as _;

/// The way in which an option is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A value: `name = value`.
    Value,
    /// A value, optionally with a word: `name = value` or `name(word) = value`.
    ValueWithWord(&'static str),
    /// A list: `name(…)`.
    List,
    /// A single word: `name`.
    Word,
}

/// The value of an option.
#[derive(Debug, Default)]
pub(super) struct Value {
    /// Whether the value has its word: `name(word) = value`.
    pub(super) has_word: bool,
    pub(super) tokens: TokenStream,
}

/// Returns the option's value. The value of a list is the tokens between the parentheses. A misspelled option was
/// already reported, so mistakes in its list or after its word are not reported.
pub(super) fn read_value(
    option: OptionName,
    key: &Ident,
    chunk: Chunk,
    is_misspelled: bool,
    errors: &mut Errors,
) -> Value {
    let OptionName { name, example, form } = option;
    let mut ignored = Errors::new();
    match form {
        Form::Value => {
            if !chunk.has_equals || chunk.rest.is_empty() || chunk.parentheses.is_some() {
                errors.on(key, format!("option `{name}` needs a value; write `{example}`"));
            }
            Value { has_word: false, tokens: if chunk.has_equals { chunk.rest } else { TokenStream::new() } }
        }
        Form::ValueWithWord(word) => read_value_with_word(option, word, key, chunk, errors),
        Form::List => {
            let errors = if is_misspelled { &mut ignored } else { errors };
            let list = if chunk.has_equals { None } else { parentheses(&chunk.rest) };
            match list {
                Some(list) if list.stream().is_empty() => {
                    errors.on(key, format!("option `{name}` has an empty list; write `{example}`"))
                }
                Some(list) => return Value { has_word: false, tokens: list.stream() },
                None if chunk.rest.is_empty() => errors.on(key, takes_a_list(name, example)),
                None => errors.on(chunk.rest, takes_a_list(name, example)),
            }
            Value::default()
        }
        Form::Word => {
            let errors = if is_misspelled { &mut ignored } else { errors };
            if chunk.has_equals || !chunk.rest.is_empty() {
                errors.on(key, format!("option `{name}` takes no value; write `{example}`"));
            }
            Value::default()
        }
    }
}

/// Reads `name = value` or `name(word) = value`, and reports only the first mistake. If there is another word than the
/// declared one, and it is probably misspelled, the value has its word nevertheless.
fn read_value_with_word(
    OptionName { name, example, .. }: OptionName,
    word: &str,
    key: &Ident,
    chunk: Chunk,
    errors: &mut Errors,
) -> Value {
    let with_word = example.replacen(name, &format!("{name}({word})"), 1);
    let parentheses = chunk.parentheses.or_else(|| parentheses(&chunk.rest).filter(|_| !chunk.has_equals));
    let tokens = if chunk.has_equals { chunk.rest } else { TokenStream::new() };
    let Some(parentheses) = parentheses else {
        if tokens.is_empty() {
            errors.on(key, format!("option `{name}` needs a value; write `{example}` or `{with_word}`"));
        }
        return Value { has_word: false, tokens };
    };
    let given = parentheses.stream();
    let text = syn::parse2::<Ident>(given.clone()).ok().map(|ident| casing::text(&ident));
    match text {
        Some(text) if text == word => {
            if tokens.is_empty() {
                errors.on(key, format!("option `{name}` needs a value; write `{with_word}`"));
            }
            return Value { has_word: true, tokens };
        }
        Some(text) => {
            let remedy = suggest::remedy(&text, &[word], "words");
            errors.on(&given, format!("unknown word `{text}` in `{name}(…)`; {remedy}"));
            return Value { has_word: suggest::nearest(&text, [word]).is_some(), tokens };
        }
        None if given.is_empty() => {
            errors.on(
                parentheses.to_token_stream(),
                format!("the parentheses are empty; write `{with_word}` or `{example}`"),
            );
        }
        None => errors.on(given, format!("expected a word in `{name}(…)`; write `{with_word}`")),
    }
    Value { has_word: false, tokens }
}

fn takes_a_list(name: &str, example: &str) -> String {
    format!("option `{name}` takes a list in parentheses; write `{example}`")
}
