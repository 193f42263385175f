//! The parsed lists of a wiring.

use super::input::{Entry, Input, Relation, Subject};
use crate::casing;
use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::{AttributeOptions, CRATE, Owner};
use crate::suggest;
use crate::text;
use proc_macro2::{Ident, Span};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, LitStr, Meta, Path, Visibility};

pub(super) const LISTS: [&str; 7] =
    ["stores", "channels", "consumers", "commands", "read_models", "relays", "elsewhere"];

const OWNER: Owner = Owner { attribute: "#[wiring]", names: &[CRATE], elsewhere: &[], originals: &[] };

pub(super) struct Wiring<'a> {
    pub(super) attrs: Vec<&'a Attribute>,
    pub(super) vis: &'a Visibility,
    pub(super) ident: &'a Ident,
    pub(super) krate: Krate,
    pub(super) stores: Vec<Named<'a>>,
    pub(super) channels: Vec<Named<'a>>,
    pub(super) consumers: Vec<Consumer<'a>>,
    pub(super) commands: Vec<Named<'a>>,
    pub(super) read_models: Vec<Named<'a>>,
    pub(super) relays: Vec<Relay<'a>>,
    pub(super) elsewhere: Vec<Named<'a>>,
}

/// An entry that is a path.
pub(super) struct Named<'a> {
    pub(super) path: &'a Path,
    /// The path as text.
    pub(super) text: String,
    /// The last segment of the path.
    pub(super) name: String,
}

/// A consumer: `mailer on MailQueue in_order`.
pub(super) struct Consumer<'a> {
    pub(super) ident: &'a Ident,
    pub(super) name: String,
    pub(super) channel: Named<'a>,
    pub(super) in_order: bool,
}

/// A relay: `"APP_BUS" publishes AppBus`.
pub(super) struct Relay<'a> {
    pub(super) name: &'a LitStr,
    pub(super) channel: Named<'a>,
}

impl<'a> Wiring<'a> {
    pub(super) fn read(input: &'a Input, errors: &mut Errors) -> Self {
        let mut options = AttributeOptions::new(OWNER);
        let (own, attrs): (Vec<_>, Vec<_>) = input.attrs.iter().partition(|attr| attr.path().is_ident("wiring"));
        for attr in own {
            match &attr.meta {
                Meta::List(list) => options.read(list.tokens.clone(), errors),
                _ => {
                    errors.on(attr, "`#[wiring]` needs its option in parentheses; write `#[wiring(crate = ::castore)]`")
                }
            }
        }
        let krate = Krate::from_options(&options, errors);
        let mut wiring = Self {
            attrs,
            vis: &input.vis,
            ident: &input.ident,
            krate,
            stores: Vec::new(),
            channels: Vec::new(),
            consumers: Vec::new(),
            commands: Vec::new(),
            read_models: Vec::new(),
            relays: Vec::new(),
            elsewhere: Vec::new(),
        };
        for (at, list) in input.lists.iter().enumerate() {
            let key = casing::text(&list.key);
            if let Some(first) = input.lists.iter().take(at).find(|first| first.key == list.key) {
                errors.on(&list.key, format!("list `{key}` is given twice; put all entries into one list"));
                errors.on(&first.key, format!("list `{key}` is first given here"));
                continue;
            }
            for entry in &list.entries {
                match key.as_str() {
                    "stores" => wiring.stores.extend(named(entry, &key, errors)),
                    "channels" => wiring.channels.extend(named(entry, &key, errors)),
                    "consumers" => wiring.consumers.extend(consumer(entry, errors)),
                    "commands" => wiring.commands.extend(named(entry, &key, errors)),
                    "read_models" => wiring.read_models.extend(named(entry, &key, errors)),
                    "relays" => wiring.relays.extend(relay(entry, errors)),
                    "elsewhere" => wiring.elsewhere.extend(named(entry, &key, errors)),
                    _ => {}
                }
            }
            if !LISTS.contains(&key.as_str()) {
                let remedy = suggest::remedy(&key, &LISTS, "lists");
                errors.on(&list.key, format!("unknown list `{key}` of `wiring!`; {remedy}"));
            }
        }
        wiring
    }

    pub(super) fn name(&self) -> String {
        casing::text(self.ident)
    }

    /// Returns whether the user has listed the entry in `elsewhere`.
    pub(super) fn is_elsewhere(&self, entry: &Named<'_>) -> bool {
        self.elsewhere.iter().any(|other| other.text == entry.text)
    }
}

impl<'a> Named<'a> {
    fn of(path: &'a Path) -> Self {
        let name = path.segments.last().map(|last| casing::text(&last.ident)).unwrap_or_default();
        Self { path, text: text::compact(path.to_token_stream()), name }
    }

    pub(super) fn span(&self) -> Span {
        self.path.span()
    }
}

fn named<'a>(entry: &'a Entry, list: &str, errors: &mut Errors) -> Option<Named<'a>> {
    match (&entry.subject, &entry.relation) {
        (Subject::Path(path), None) => return Some(Named::of(path)),
        (Subject::Path(_), Some(relation)) if relation.verb == "on" => {
            errors.on(entry, format!("a consumer is not an entry of `{list}`; move it to `consumers`"));
        }
        (Subject::Name(_), Some(relation)) if relation.verb == "publishes" => {
            errors.on(entry, format!("a relay is not an entry of `{list}`; move it to `relays`"));
        }
        (Subject::Path(_), Some(relation)) => {
            errors.on(&relation.verb, format!("expected `,`: the entries of `{list}` are paths, separated by commas"));
        }
        (Subject::Name(name), _) => {
            errors.on(name, format!("expected a path: the entries of `{list}` are the names of items, without quotes"));
        }
    }
    None
}

fn consumer<'a>(entry: &'a Entry, errors: &mut Errors) -> Option<Consumer<'a>> {
    let ident = match &entry.subject {
        Subject::Path(path) => path.get_ident(),
        Subject::Name(_) => None,
    };
    let Some(ident) = ident else {
        errors.on(&entry.subject, "expected the name of a consumer, as in `mailer on MailQueue`");
        return None;
    };
    let name = casing::text(ident);
    let Some(Relation { verb, channel, order }) = &entry.relation else {
        errors.on(
            ident,
            format!(
                "consumer `{name}` has no message channel; write `{name} on AppBus` with the channel that it consumes"
            ),
        );
        return None;
    };
    if verb != "on" {
        errors.on(
            verb,
            format!("expected `on` after the name of the consumer, as in `{name} on {}`", Named::of(channel).name),
        );
    }
    if let Some(order) = order.as_ref().filter(|order| *order != "in_order") {
        errors.on(
            order,
            format!(
                "unknown word `{order}` after the message channel of consumer `{name}`; write `in_order`, or remove it"
            ),
        );
    }
    Some(Consumer { ident, name, channel: Named::of(channel), in_order: order.is_some() })
}

fn relay<'a>(entry: &'a Entry, errors: &mut Errors) -> Option<Relay<'a>> {
    match (&entry.subject, &entry.relation) {
        (Subject::Name(name), Some(Relation { verb, channel, order: None })) if verb == "publishes" => {
            Some(Relay { name, channel: Named::of(channel) })
        }
        _ => {
            errors.on(
                entry,
                "expected a relay: the name in quotes and its message channel, as in `\"APP_BUS\" publishes AppBus`",
            );
            None
        }
    }
}
