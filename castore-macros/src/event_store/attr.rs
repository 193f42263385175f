//! The options of `#[event_store]`.

use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::{AttributeOptions, CRATE, OptionName, Original, Owner};
use proc_macro2::TokenStream;
use syn::{LitStr, Type};

pub(super) const ID: OptionName = OptionName::new("id", r#"id = "POKEMONS""#);
pub(super) const EVENT: OptionName = OptionName::new("event", "event = PokemonEvent");
const METADATA: OptionName = OptionName::with_word("metadata", "metadata = Trigger", "required");
const AGGREGATE_ID: OptionName = OptionName::new("aggregate_id", "aggregate_id = PokemonId");

const REDUCER_VERSION: OptionName = OptionName::new("reducer_version", "reducer_version = 2");

const OWNER: Owner = Owner {
    attribute: "#[event_store]",
    names: &[ID, EVENT, METADATA, AGGREGATE_ID, REDUCER_VERSION, CRATE],
    elsewhere: &[],
    originals: &[
        ("event_store_id", Original::Option(ID)),
        ("event_types", Original::Option(EVENT)),
        ("events", Original::Option(EVENT)),
        ("required", Original::Elsewhere("write `metadata(required) = Trigger`")),
        ("reducer", Original::Elsewhere("write `impl Reducer` for the state")),
        ("reduce", Original::Elsewhere("write `impl Reducer` for the state")),
        ("simulate_side_effect", Original::Elsewhere("use `simulate_aggregate`")),
        ("event_storage_adapter", Original::Elsewhere("pass it to `EventStore::new`")),
        ("storage_adapter", Original::Elsewhere("pass it to `EventStore::new`")),
        ("on_event_pushed", Original::Elsewhere("call `on_event_pushed` of the event store")),
    ],
};

/// The options of `#[event_store(…)]`.
pub(super) struct StoreAttr {
    pub(super) id: Option<LitStr>,
    pub(super) event: Option<Type>,
    pub(super) metadata: Option<Type>,
    /// Whether new events must have metadata.
    pub(super) requires_metadata: bool,
    pub(super) aggregate_id: Option<Type>,
    pub(super) reducer_version: Option<u32>,
    pub(super) krate: Krate,
    /// The required options that the user did not give in any spelling.
    pub(super) missing: Vec<OptionName>,
}

impl StoreAttr {
    pub(super) fn read(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = AttributeOptions::new(OWNER);
        options.read(tokens, errors);
        Self {
            id: options.get(ID, errors),
            event: options.get(EVENT, errors),
            metadata: options.get(METADATA, errors),
            requires_metadata: options.has_word(METADATA),
            aggregate_id: options.get(AGGREGATE_ID, errors),
            reducer_version: options.get(REDUCER_VERSION, errors),
            krate: Krate::from_options(&options, errors),
            missing: [ID, EVENT].into_iter().filter(|name| !options.is_given(*name)).collect(),
        }
    }
}
