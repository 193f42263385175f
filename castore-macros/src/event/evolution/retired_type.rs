//! The entries of `from(…)`.

use crate::errors::Errors;
use crate::options::{OptionName, OptionValue};
use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Error, LitStr, Token, Type};

pub(in crate::event) const FROM: OptionName = OptionName::list("from", r#"from("APPEARED" = AppearedV1)"#);

/// A retired event type, with the conversions from its payload to the current one: `"APPEARED" = AppearedV1 =>
/// AppearedV2`.
pub(in crate::event) struct RetiredType {
    pub(in crate::event) name: LitStr,
    /// The type of the stored payload, followed by the types to which it is converted one after another. Empty if only
    /// the name is retired.
    pub(in crate::event) payloads: Vec<Type>,
}

impl Parse for RetiredType {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse().map_err(|error| {
            let example = FROM.example;
            let message = format!("expected the retired name of an event type in quotes, as in `{example}`");
            Error::new(error.span(), message)
        })?;
        let mut payloads = Vec::new();
        if input.peek(Token![=>]) {
            return Err(input.error("expected `=` before the retired payload; write `=>` only after it"));
        }
        if input.parse::<Option<Token![=]>>()?.is_some() {
            payloads.push(input.parse()?);
            while input.parse::<Option<Token![=>]>>()?.is_some() {
                payloads.push(input.parse()?);
            }
        }
        Ok(Self { name, payloads })
    }
}

/// The value of the option `from`.
pub(in crate::event) struct RetiredTypes(pub(in crate::event) Vec<RetiredType>);

impl OptionValue for RetiredTypes {
    fn read(_: OptionName, value: &TokenStream, errors: &mut Errors) -> Option<Self> {
        match Punctuated::<RetiredType, Token![,]>::parse_terminated.parse2(value.clone()) {
            Ok(entries) => Some(Self(entries.into_iter().collect())),
            Err(error) => {
                errors.push(error);
                None
            }
        }
    }
}
