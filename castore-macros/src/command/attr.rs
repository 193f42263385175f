//! The options of `#[command]`.

use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::{AttributeOptions, CRATE, OptionName, Original, Owner};
use proc_macro2::TokenStream;
use syn::{Expr, LitStr, Path};

const ID: OptionName = OptionName::new("id", r#"id = "CATCH_POKEMON""#);
const RETRIES: OptionName = OptionName::new("retries", "retries = 2");
const BACKOFF: OptionName = OptionName::new("backoff", "backoff = CommandBackoff::NONE");
const ON_EVENT_ALREADY_EXISTS: OptionName =
    OptionName::new("on_event_already_exists", "on_event_already_exists = log_conflict");

const TAKE_STORES: Original =
    Original::Elsewhere("take the event stores as parameters, such as `pokemons: &impl Store<Pokemon>`");
const WRITE_BODY: Original = Original::Elsewhere("write it as the body of the function");
const TYPES: Original = Original::Elsewhere("write the types of the parameters and of the result in the signature");

const OWNER: Owner = Owner {
    attribute: "#[command]",
    names: &[ID, RETRIES, BACKOFF, ON_EVENT_ALREADY_EXISTS, CRATE],
    elsewhere: &[],
    originals: &[
        ("command_id", Original::Option(ID)),
        ("event_already_exists_retries", Original::Option(RETRIES)),
        ("required_event_stores", TAKE_STORES),
        ("event_stores", TAKE_STORES),
        ("handler", WRITE_BODY),
        ("input_schema", TYPES),
        ("output_schema", TYPES),
    ],
};

/// The default number of retries. The original TypeScript library defaults to 2, which is too few for more than a
/// handful of concurrent writers of one aggregate. With 10 retries and the default backoff, 50 writers that start at
/// the same moment all succeed.
const DEFAULT_RETRIES: u32 = 10;

/// The options of `#[command(…)]`.
pub(super) struct CommandAttr {
    pub(super) id: Option<LitStr>,
    pub(super) has_id: bool,
    pub(super) retries: u32,
    pub(super) backoff: Option<Expr>,
    pub(super) on_event_already_exists: Option<Path>,
    pub(super) krate: Krate,
}

impl CommandAttr {
    pub(super) fn read(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = AttributeOptions::new(OWNER);
        options.read(tokens, errors);
        Self {
            id: options.get(ID, errors),
            has_id: options.is_given(ID),
            retries: options.get(RETRIES, errors).unwrap_or(DEFAULT_RETRIES),
            backoff: options.get(BACKOFF, errors),
            on_event_already_exists: options.get(ON_EVENT_ALREADY_EXISTS, errors),
            krate: Krate::from_options(&options, errors),
        }
    }
}
