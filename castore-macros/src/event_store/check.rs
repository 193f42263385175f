//! Checks of event stores.

use super::attr::StoreAttr;
use super::fields::Origin;
use super::model::{EventStore, State};
use crate::attrs;
use crate::casing;
use crate::errors::Errors;
use crate::generics::generic_tokens;
use crate::names::check_name;
use crate::suggest;
use proc_macro2::Span;
use syn::LitStr;

/// The JSON keys that an aggregate has beside its state. They include `aggregate_id`, the spelling of `aggregateId` in
/// Rust.
const BESIDE_THE_STATE: [&str; 3] = ["version", "aggregateId", "aggregate_id"];

/// Checks the options. The attribute macro `#[event_store]` calls this function.
pub(super) fn check_options(state: &State<'_>, attr: &StoreAttr, errors: &mut Errors) {
    check_missing(state, attr, errors);
    if let Some(id) = &attr.id {
        check_id(state, id, errors);
    }
    check_given_once(state, errors);
}

/// Checks the item. The hidden derive that `#[event_store]` adds calls this function.
pub(super) fn check(store: &EventStore<'_>, errors: &mut Errors) {
    check_generics(&store.state, errors);
    check_fields(store, errors);
}

/// Reports all missing options in one error, because they have the same location: the attribute.
fn check_missing(state: &State<'_>, attr: &StoreAttr, errors: &mut Errors) {
    let missing = &attr.missing;
    if missing.is_empty() {
        return;
    }
    let name = casing::text(state.ident);
    let examples: Vec<String> = missing
        .iter()
        .map(|option| match option.name {
            "id" => example_id(state),
            _ => format!("event = {name}Event"),
        })
        .collect();
    let options = if missing.len() == 1 { "option" } else { "options" };
    let names = suggest::list(missing.iter().map(|option| option.name));
    let examples = examples.join(", ");
    errors.at(
        Span::call_site(),
        format!(
            "event store `{name}` lacks the {options} {names}; write `#[event_store({examples}{})]`",
            rest(missing.len())
        ),
    );
}

fn example_id(state: &State<'_>) -> String {
    format!("id = \"{}\"", casing::screaming_snake_case(&casing::text(state.ident)))
}

fn rest(missing: usize) -> &'static str {
    if missing == 1 { ", …" } else { "" }
}

/// Checks the id, which is part of keys in queues and tables.
fn check_id(state: &State<'_>, id: &LitStr, errors: &mut Errors) {
    let text = id.value();
    check_name(&text, id, "the event store's id", &example_id(state), errors);
    if text.contains('#') {
        errors.on(id, "the event store's id contains `#`, which separates it from aggregate ids; use another character, such as `_`");
    }
}

fn check_generics(state: &State<'_>, errors: &mut Errors) {
    if let Some(tokens) = generic_tokens(state.generics) {
        let name = casing::text(state.ident);
        errors.on(
            tokens,
            format!(
                "event store `{name}` is generic, but its id identifies a single type; \
                 write concrete types instead of the parameters"
            ),
        );
    }
}

/// Rejects further `#[event_store]` attributes on the same item.
fn check_given_once(state: &State<'_>, errors: &mut Errors) {
    for attr in state.attrs.iter().filter(|attr| attrs::is_ours(attr, "event_store")) {
        errors.on(attr, "`#[event_store]` is given twice; remove one of them");
    }
}

fn check_fields(store: &EventStore<'_>, errors: &mut Errors) {
    let state = casing::text(store.state.ident);
    for field in &store.fields {
        let Some(key) = field.keys.iter().find(|key| BESIDE_THE_STATE.contains(&key.as_str())) else { continue };
        let beside = format!("which is already part of `Aggregate<{state}>`");
        let message = match field.origin {
            Origin::Field(ident) if casing::text(ident) == *key => {
                format!("field `{key}` is already part of `Aggregate<{state}>`, beside the state; remove the field")
            }
            Origin::Field(ident) => {
                let name = casing::text(ident);
                format!("field `{name}` is serialized as `{key}`, {beside}; rename or remove the field")
            }
            Origin::Variant(ident) => {
                let name = casing::text(ident);
                format!("variant `{name}` is serialized as `{key}`, {beside}; rename the variant")
            }
            Origin::Tag => {
                format!("the tag `{key}` is already part of `Aggregate<{state}>`, beside the state; use another tag")
            }
            Origin::Content => format!("the content is serialized as `{key}`, {beside}; use another key"),
        };
        errors.on(&field.tokens, message);
    }
}
