//! The values of options. A value of the wrong kind is reported, and still used as far as possible.

use super::OptionName;
use crate::errors::Errors;
use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::Parser as _;
use syn::{Expr, LitBool, LitInt, LitStr, Path, Type, parse2};

/// A type into which the value of an option can be parsed.
pub(crate) trait OptionValue: Sized {
    /// Parses the value, which has at least one token. For a value of the wrong kind, reports an error, and returns the
    /// intended value if it can be guessed.
    fn read(name: OptionName, value: &TokenStream, errors: &mut Errors) -> Option<Self>;
}

impl OptionValue for LitStr {
    fn read(name: OptionName, value: &TokenStream, errors: &mut Errors) -> Option<Self> {
        if let Ok(text) = parse2::<LitStr>(value.clone()) {
            return Some(text);
        }
        let OptionName { name, example, .. } = name;
        errors.on(value, format!("option `{name}` takes a string literal; write `{example}`"));
        parse_ident(value).map(|ident| LitStr::new(&crate::casing::text(&ident), ident.span()))
    }
}

impl OptionValue for Type {
    fn read(name: OptionName, value: &TokenStream, errors: &mut Errors) -> Option<Self> {
        read_unquoted(name, value, "type", errors)
    }
}

impl OptionValue for Path {
    fn read(name: OptionName, value: &TokenStream, errors: &mut Errors) -> Option<Self> {
        read_unquoted(name, value, "path", errors)
    }
}

impl OptionValue for Expr {
    fn read(name: OptionName, value: &TokenStream, errors: &mut Errors) -> Option<Self> {
        if let Ok(read) = parse2(value.clone()) {
            return Some(read);
        }
        let OptionName { name, example, .. } = name;
        errors.on(value, format!("option `{name}` takes an expression; write `{example}`"));
        None
    }
}

impl OptionValue for Ident {
    fn read(name: OptionName, value: &TokenStream, errors: &mut Errors) -> Option<Self> {
        if let Some(ident) = parse_ident(value).filter(is_name) {
            return Some(ident);
        }
        let OptionName { name, example, .. } = name;
        let quoted = parse2::<LitStr>(value.clone()).ok();
        let unquoted = quoted.and_then(|quoted| quoted.parse::<Ident>().ok());
        let remedy = match &unquoted {
            Some(ident) => format!("`{name} = {ident}` without quotes"),
            None => format!("`{example}`"),
        };
        errors.on(value, format!("option `{name}` takes a name; write {remedy}"));
        unquoted
    }
}

impl OptionValue for bool {
    fn read(name: OptionName, value: &TokenStream, errors: &mut Errors) -> Option<Self> {
        let read = parse2::<LitBool>(value.clone());
        if read.is_err() {
            let OptionName { name, example, .. } = name;
            errors.on(value, format!("option `{name}` takes `true` or `false`; write `{example}`"));
        }
        read.ok().map(|read| read.value)
    }
}

impl OptionValue for u32 {
    fn read(name: OptionName, value: &TokenStream, errors: &mut Errors) -> Option<Self> {
        let number = parse2::<LitInt>(value.clone()).and_then(|number| number.base10_parse());
        if number.is_err() {
            let OptionName { name, example, .. } = name;
            errors.on(value, format!("option `{name}` takes a whole number; write `{example}`"));
        }
        number.ok()
    }
}

/// Reads a type or a path. Reports a type or a path in a string literal, as in serde's attributes, but also returns it.
fn read_unquoted<T: syn::parse::Parse>(
    name: OptionName,
    value: &TokenStream,
    kind: &str,
    errors: &mut Errors,
) -> Option<T> {
    if let Ok(read) = parse2(value.clone()) {
        return Some(read);
    }
    let OptionName { name, example, .. } = name;
    let quoted = parse2::<LitStr>(value.clone()).ok();
    let unquoted = quoted.as_ref().and_then(|quoted| quoted.parse().ok());
    let remedy = match quoted.filter(|_| unquoted.is_some()) {
        Some(quoted) => format!("`{name} = {}` without quotes", quoted.value()),
        None => format!("`{example}`"),
    };
    errors.on(value, format!("option `{name}` takes a {kind}; write {remedy}"));
    unquoted
}

fn parse_ident(value: &TokenStream) -> Option<Ident> {
    Ident::parse_any.parse2(value.clone()).ok()
}

/// Returns whether an item can have this name, which is the case if it is not a keyword.
fn is_name(ident: &Ident) -> bool {
    parse2::<Ident>(quote::ToTokens::to_token_stream(ident)).is_ok()
}
