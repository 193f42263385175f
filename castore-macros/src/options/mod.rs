//! The options of an attribute: `id = "POKEMONS", event = PokemonEvent`.
//!
//! An option keeps the name as the user typed it, so that the errors about unknown and repeated options underline this
//! name. A misspelled option counts as given: the misspelling was already reported, and the value keeps the generated
//! code usable.

mod form;
mod split;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use value::OptionValue;

use crate::errors::Errors;
use crate::{casing, suggest};
use form::{Form, Value};
use proc_macro2::{Ident, TokenStream};
use split::Chunk;

/// The name of an option, and an example of its use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OptionName {
    pub(crate) name: &'static str,
    pub(crate) example: &'static str,
    form: Form,
}

impl OptionName {
    /// Creates the name of an option with a value: `name = value`.
    pub(crate) const fn new(name: &'static str, example: &'static str) -> Self {
        Self { name, example, form: Form::Value }
    }

    /// Creates the name of an option with a value and an optional word: `name = value` or `name(word) = value`.
    pub(crate) const fn with_word(name: &'static str, example: &'static str, word: &'static str) -> Self {
        Self { name, example, form: Form::ValueWithWord(word) }
    }

    /// Creates the name of an option with a list: `name(…)`.
    pub(crate) const fn list(name: &'static str, example: &'static str) -> Self {
        Self { name, example, form: Form::List }
    }

    /// Creates the name of an option without a value.
    pub(crate) const fn word(name: &'static str) -> Self {
        Self { name, example: name, form: Form::Word }
    }
}

/// The option that sets the path of castore, for code that uses castore through a re-export.
pub(crate) const CRATE: OptionName = OptionName::new("crate", "crate = ::castore");

/// An attribute and its options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    /// The attribute as the user writes it: `#[event_store]`.
    pub(crate) attribute: &'static str,
    pub(crate) names: &'static [OptionName],
    /// Options of the same attribute that belong on another item, each with the place: "on the enum".
    pub(crate) elsewhere: &'static [(OptionName, &'static str)],
    /// Option names of the original TypeScript library in snake case, each with its counterpart in this crate.
    pub(crate) originals: &'static [(&'static str, Original)],
}

/// The meaning of an option name of the original library.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Original {
    /// An option.
    Option(OptionName),
    /// A concept of the original library that is not an option in this crate. The error suggests this text.
    Elsewhere(&'static str),
}

/// The options that the user gave.
#[derive(Debug)]
pub(crate) struct AttributeOptions {
    owner: Owner,
    given: Vec<Given>,
}

/// An option as the user wrote it.
#[derive(Debug)]
struct Given {
    key: Ident,
    name: OptionName,
    value: Value,
    /// Whether the name is misspelled. If so, a valid value is used, and an invalid value is not reported.
    is_misspelled: bool,
}

impl AttributeOptions {
    pub(crate) fn new(owner: Owner) -> Self {
        Self { owner, given: Vec::new() }
    }

    /// Adds the options between the parentheses of one attribute.
    pub(crate) fn read(&mut self, tokens: TokenStream, errors: &mut Errors) {
        for chunk in split::split(tokens, &self.names(), errors) {
            self.read_one(chunk, errors);
        }
    }

    fn read_one(&mut self, mut chunk: Chunk, errors: &mut Errors) {
        let Some(key) = chunk.key.take() else {
            let owner = self.owner.attribute;
            let names = suggest::list(self.names());
            return errors.on(chunk.rest, format!("expected `name = value`; the options of `{owner}` are {names}"));
        };
        let Some(name) = self.check_name(&key, errors) else { return };
        if let Some(first) = self.given.iter().find(|given| given.name.name == name.name) {
            errors.on(&key, format!("option `{}` is given twice; remove one of them", name.name));
            errors.on(&first.key, format!("option `{}` is first given here", name.name));
            return;
        }
        let is_misspelled = casing::text(&key) != name.name;
        let value = form::read_value(name, &key, chunk, is_misspelled, errors);
        self.given.push(Given { key, name, value, is_misspelled });
    }

    /// Returns the option with the name `key`. If there is none, the function reports an error, and returns the option that
    /// the user probably meant, if it finds one.
    fn check_name(&self, key: &Ident, errors: &mut Errors) -> Option<OptionName> {
        let Owner { attribute, names, elsewhere, originals } = self.owner;
        let text = casing::text(key);
        if let Some(name) = names.iter().find(|name| name.name == text) {
            return Some(*name);
        }
        if let Some((name, place)) = elsewhere.iter().find(|(name, _)| name.name == text) {
            errors.on(key, format!("option `{}` of `{attribute}` belongs {place}; move it there", name.name));
            return None;
        }
        let original = casing::snake_case(&text);
        match originals.iter().find(|(word, _)| *word == original) {
            Some((_, Original::Option(option))) => {
                let OptionName { name, example, .. } = option;
                errors.on(key, format!("option `{text}` of `{attribute}` is called `{name}` here; write `{example}`"));
                return Some(*option);
            }
            Some((_, Original::Elsewhere(remedy))) => {
                errors.on(key, format!("`{text}` is not an option of `{attribute}`; {remedy}"));
                return None;
            }
            None => {}
        }
        let remedy = suggest::remedy(&text, &self.names(), "options");
        errors.on(key, format!("unknown option `{text}` of `{attribute}`; {remedy}"));
        let nearest = suggest::nearest(&text, self.names())?;
        names.iter().find(|name| name.name == nearest).copied()
    }

    /// Returns whether the option was given, in any spelling and with any value.
    pub(crate) fn is_given(&self, name: OptionName) -> bool {
        self.find(name).is_some()
    }

    /// Returns whether the option was given with its word: `name(word) = value`.
    pub(crate) fn has_word(&self, name: OptionName) -> bool {
        self.find(name).is_some_and(|given| given.value.has_word)
    }

    /// Returns the name of an option as the user wrote it.
    pub(crate) fn key(&self, name: OptionName) -> Option<&Ident> {
        self.find(name).map(|given| &given.key)
    }

    /// Returns the value of an option. Returns `None` if the option was not given, or if its value is invalid. Reports
    /// an invalid value.
    pub(crate) fn get<V: OptionValue>(&self, name: OptionName, errors: &mut Errors) -> Option<V> {
        let given = self.find(name)?;
        // A missing value was already reported when the option was read.
        if given.value.tokens.is_empty() {
            return None;
        }
        let mut ignored = Errors::new();
        V::read(name, &given.value.tokens, if given.is_misspelled { &mut ignored } else { errors })
    }

    fn find(&self, name: OptionName) -> Option<&Given> {
        self.given.iter().find(|given| given.name.name == name.name)
    }

    fn names(&self) -> Vec<&'static str> {
        self.owner.names.iter().map(|name| name.name).collect()
    }
}
