//! The facts of a lock, read from its text.

use std::collections::{BTreeMap, BTreeSet};

/// The facts of a lock. The key of an event is a pair of event store and event type.
#[derive(Default)]
pub(super) struct Locked {
    /// The types of the aggregate ids and the metadata, by store.
    pub(super) stores: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) states: BTreeMap<String, Fields>,
    pub(super) events: BTreeMap<(String, String), Fields>,
    pub(super) retired: BTreeMap<(String, String), Retired>,
    pub(super) channels: BTreeMap<String, Channel>,
}

/// The fields of a payload, by name. A payload that is not an object is represented by one field with an empty name.
pub(super) type Fields = BTreeMap<String, FieldFact>;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldFact {
    pub(super) ty: String,
    pub(super) optional: bool,
    pub(super) aliases: Vec<String>,
}

/// A retired event type: an event type that the program still reads, but no longer writes.
pub(super) struct Retired {
    /// The current event type that events of the retired type are read as, or `*` if they are converted into several
    /// types.
    pub(super) read_as: String,
    pub(super) payload: String,
}

#[derive(Default)]
pub(super) struct Channel {
    pub(super) kind: String,
    pub(super) sources: BTreeSet<String>,
}

impl Locked {
    pub(super) fn read(text: &str) -> Self {
        let mut locked = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            let (left, right) = line.split_once(" = ").unwrap_or((line, ""));
            let words: Vec<&str> = left.split(' ').collect();
            locked.add(&words, right);
        }
        locked
    }

    fn add(&mut self, words: &[&str], right: &str) {
        let owned = |text: &str| text.to_owned();
        match words {
            ["store", id, part] => {
                self.stores.entry(owned(id)).or_default().insert(owned(part), owned(right));
            }
            ["state", id, rest @ ..] => {
                self.states.entry(owned(id)).or_default().insert(field_name(rest), field(right));
            }
            ["event", path, rest @ ..] => {
                let Some((store, event)) = path.split_once('/') else { return };
                match rest {
                    ["from", retired] => {
                        let fact = Retired { read_as: owned(event), payload: owned(right) };
                        self.retired.insert((owned(store), owned(retired)), fact);
                    }
                    rest => {
                        let fields = self.events.entry((owned(store), owned(event))).or_default();
                        fields.insert(field_name(rest), field(right));
                    }
                }
            }
            ["channel", id, "carries", store] => {
                self.channels.entry(owned(id)).or_default().sources.insert(owned(store));
            }
            ["channel", id] => self.channels.entry(owned(id)).or_default().kind = owned(right),
            _ => {}
        }
    }

    /// Returns the event types of a store.
    pub(super) fn events_of(&self, store: &str) -> Vec<&str> {
        self.events.keys().filter(|(of, _)| of == store).map(|(_, event)| event.as_str()).collect()
    }
}

fn field_name(rest: &[&str]) -> String {
    rest.first().map(|name| name.strip_prefix('.').unwrap_or(name).to_owned()).unwrap_or_default()
}

fn field(right: &str) -> FieldFact {
    let mut fact = FieldFact { ty: right.to_owned(), optional: false, aliases: Vec::new() };
    while let Some((rest, last)) = fact.ty.rsplit_once(", ") {
        match last.strip_prefix("alias ") {
            Some(alias) => fact.aliases.push(alias.to_owned()),
            None if last == "optional" => fact.optional = true,
            None => break,
        }
        fact.ty = rest.to_owned();
    }
    fact
}

/// Returns the fields in the notation of shapes, such as `{name: String}`, which the lock uses for retired payloads.
pub(super) fn as_shape(fields: &Fields) -> String {
    if let Some(value) = fields.get("") {
        return value.ty.clone();
    }
    let fields = fields.iter().map(|(name, fact)| match (name.strip_prefix(".."), fact.optional) {
        (Some(_), _) => format!("..{}", fact.ty),
        (None, true) => format!("{name}?: {}", fact.ty),
        (None, false) => format!("{name}: {}", fact.ty),
    });
    let mut fields: Vec<String> = fields.collect();
    fields.sort_unstable();
    format!("{{{}}}", fields.join(", "))
}

/// Reads the fields of an object from its shape. Returns `None` if the shape is not an object with fields.
pub(super) fn fields_of_shape(shape: &str) -> Option<Fields> {
    let inner = shape.strip_prefix('{')?.strip_suffix('}')?;
    if inner.starts_with("*: ") {
        return None;
    }
    let mut fields = Fields::new();
    for part in split(inner, ',') {
        let (name, ty) = part.split_once(": ")?;
        let (name, optional) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
        let mut names = name.split('|').map(ToOwned::to_owned);
        let name = names.next()?;
        fields.insert(name, FieldFact { ty: ty.to_owned(), optional, aliases: names.collect() });
    }
    Some(fields)
}

/// Splits the inner part of a shape at a separator. Separators in nested shapes are ignored.
pub(super) fn split(inner: &str, separator: char) -> Vec<&str> {
    let (mut depth, mut start) = (0_usize, 0);
    let mut parts = Vec::new();
    for (at, character) in inner.char_indices() {
        match character {
            '{' | '[' | '(' | '<' => depth += 1,
            '}' | ']' | ')' | '>' => depth = depth.saturating_sub(1),
            _ if character == separator && depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + separator.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}
