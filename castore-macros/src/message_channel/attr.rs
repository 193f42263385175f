//! The options of `#[channel(…)]`.

use crate::attrs;
use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::{AttributeOptions, CRATE, OptionName, Original, Owner};
use crate::suggest;
use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, LitStr, Meta};

const ID: OptionName = OptionName::new("id", r#"id = "APP_BUS""#);
const MESSAGE: OptionName = OptionName::new("message", "message = AppMessage");
const ORDER: OptionName = OptionName::new("order", r#"order = "per_aggregate""#);

const LIST: Original =
    Original::Elsewhere("list the event stores in the kind, as in `NotificationMessageBus<Pokemon, Trainer>`");

const OWNER: Owner = Owner {
    attribute: "#[channel]",
    names: &[ID, MESSAGE, ORDER, CRATE],
    elsewhere: &[],
    originals: &[
        ("message_channel_id", Original::Option(ID)),
        ("message_queue_id", Original::Option(ID)),
        ("message_bus_id", Original::Option(ID)),
        ("source_event_stores", LIST),
        ("sources", LIST),
        (
            "message_channel_adapter",
            Original::Elsewhere("create the channel with the adapter: `AppBus::with_adapter(adapter)`"),
        ),
        ("adapter", Original::Elsewhere("create the channel with the adapter: `AppBus::with_adapter(adapter)`")),
    ],
};

/// The order of a channel's messages.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Order {
    #[default]
    Unordered,
    PerAggregate,
}

impl Order {
    const NAMES: [&'static str; 2] = ["none", "per_aggregate"];

    fn read(name: &LitStr, errors: &mut Errors) -> Self {
        let text = name.value();
        let meant = match text.as_str() {
            "none" | "per_aggregate" => text,
            _ => {
                let remedy = suggest::remedy(&text, &Self::NAMES, "values");
                errors.on(name, format!("unknown `order` value `{text}`; {remedy}"));
                suggest::nearest(&text, Self::NAMES).unwrap_or_default().to_owned()
            }
        };
        if meant == "per_aggregate" { Self::PerAggregate } else { Self::Unordered }
    }
}

/// The options of `#[channel(…)]`.
pub(super) struct ChannelAttr {
    pub(super) id: Option<LitStr>,
    pub(super) message: Option<Ident>,
    pub(super) order: Order,
    pub(super) krate: Krate,
}

impl ChannelAttr {
    /// Reads the options of the attribute that is being expanded, if any, and of the attributes on the alias.
    pub(super) fn read(own: Option<TokenStream>, attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = AttributeOptions::new(OWNER);
        if let Some(own) = own {
            options.read(own, errors);
        }
        for attr in attrs.iter().filter(|attr| attrs::is_ours(attr, "channel")) {
            match &attr.meta {
                Meta::List(list) => options.read(list.tokens.clone(), errors),
                // A plain `#[channel]` without options is allowed, as on an alias outside of the macro.
                Meta::Path(_) => {}
                Meta::NameValue(_) => errors.on(
                    attr,
                    format!("`#[channel]` needs its options in parentheses; write `#[channel({})]`", ID.example),
                ),
            }
        }
        Self {
            id: options.get(ID, errors),
            message: options.get(MESSAGE, errors),
            order: options.get(ORDER, errors).map(|name| Order::read(&name, errors)).unwrap_or_default(),
            krate: Krate::from_options(&options, errors),
        }
    }
}
