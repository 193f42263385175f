//! The facts of a program, which the lock lists as lines of text. A fact is something that the program has promised to
//! read or to send, such as a field of an event.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use castore_core::describe::{Content, Field, RetiredDescription, StoreDescription};
use castore_core::wiring::Wiring;

const HEADER: &str = "# The events, states and channels that this program has promised to read and to send.\n\
                      # A test writes this file: CASTORE_LOCK=update cargo test\n";

/// The text in the lock for the payload of a retired event type, if only the name of the type has changed.
pub(super) const SAME_PAYLOAD: &str = "the same payload";
/// The name in the lock that stands for any event type, for retired event types whose events may be converted into
/// several types.
pub(super) const ANY_TYPE: &str = "*";
/// The text in the lock for an event type without a payload.
pub(super) const NO_PAYLOAD: &str = "no payload";

/// Returns the text of the lock of a program: a header, followed by the facts of the program in alphabetical order, one
/// per line.
pub fn lock_text<W: Wiring>() -> String {
    let program = W::describe();
    let mut facts = BTreeSet::new();
    for store in &program.stores {
        add_store(&mut facts, store);
    }
    for channel in &program.channels {
        let id = name(channel.id);
        let order = if channel.ordered { ", order per aggregate" } else { "" };
        facts.insert(format!("channel {id} = {} {}{order}", channel.kind, channel.topology));
        facts.extend(channel.sources.iter().map(|source| format!("channel {id} carries {}", name(source))));
    }
    let mut text = HEADER.to_owned();
    for fact in facts {
        text.push_str(&fact);
        text.push('\n');
    }
    text
}

fn add_store(facts: &mut BTreeSet<String>, store: &StoreDescription) {
    let id = name(store.id);
    facts.insert(format!("store {id} aggregate-id = {}", store.aggregate_id.text()));
    if let Some(metadata) = &store.metadata {
        facts.insert(format!("store {id} metadata = {metadata}"));
    }
    add_content(facts, &format!("state {id}"), &store.state);
    for event in &store.events {
        let key = format!("event {id}/{}", name(event.name));
        add_content(facts, &key, &event.payload);
        add_retired(facts, &key, &event.from);
    }
    add_retired(facts, &format!("event {id}/{ANY_TYPE}"), &store.retired);
}

fn add_retired(facts: &mut BTreeSet<String>, key: &str, retired: &[RetiredDescription]) {
    for retired in retired {
        let payload = retired.payload.as_ref().map_or_else(|| SAME_PAYLOAD.to_owned(), ToString::to_string);
        facts.insert(format!("{key} from {} = {payload}", name(retired.name)));
    }
}

fn add_content(facts: &mut BTreeSet<String>, key: &str, content: &Content) {
    match content {
        Content::None => drop(facts.insert(format!("{key} = {NO_PAYLOAD}"))),
        content => match (content.fields(), content) {
            (Some(fields), _) if fields.is_empty() => drop(facts.insert(format!("{key} = {{}}"))),
            (Some(fields), _) => facts.extend(fields.iter().map(|field| fact_of(key, field))),
            (None, Content::Value(ty)) => drop(facts.insert(format!("{key} = {ty}"))),
            (None, Content::Tuple(types)) => {
                let types: Vec<String> = types.iter().map(ToString::to_string).collect();
                facts.insert(format!("{key} = ({})", types.join(", ")));
            }
            (None, _) => {}
        },
    }
}

/// Returns the fact of a field, for example `event POKEMONS/APPEARED .isWild = bool, optional, alias wild`.
fn fact_of(key: &str, field: &Field) -> String {
    let mut fact = match field.flattened {
        true => format!("{key} ...{} = {}", name(field.name), field.ty),
        false => format!("{key} .{} = {}", name(field.name), field.ty),
    };
    if field.optional {
        fact.push_str(", optional");
    }
    for alias in &field.aliases {
        let _ = write!(fact, ", alias {}", name(alias));
    }
    fact
}

/// Percent-encodes the characters of a name that would separate the parts of a fact, and removes control characters.
pub(super) fn name(text: &str) -> String {
    let mut name = String::new();
    for character in text.chars() {
        match character {
            ' ' | '%' | '/' | '=' | ',' => {
                let _ = write!(name, "%{:02X}", u32::from(character));
            }
            character if character.is_control() => {}
            character => name.push(character),
        }
    }
    name
}
