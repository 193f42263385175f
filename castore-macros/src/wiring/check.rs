//! The checks of a wiring that do not need the types of its entries.

use super::model::{Named, Wiring};
use crate::errors::Errors;
use crate::names::check_name;

pub(super) fn check(wiring: &Wiring<'_>, errors: &mut Errors) {
    check_distinct("stores", &wiring.stores, errors);
    check_distinct("channels", &wiring.channels, errors);
    check_distinct("commands", &wiring.commands, errors);
    check_distinct("read_models", &wiring.read_models, errors);
    check_distinct("elsewhere", &wiring.elsewhere, errors);
    for (at, consumer) in wiring.consumers.iter().enumerate() {
        if wiring.consumers.iter().take(at).any(|earlier| earlier.name == consumer.name) {
            let name = &consumer.name;
            errors.on(consumer.ident, format!("two consumers are called `{name}`; give each its own name"));
        }
    }
    for (at, relay) in wiring.relays.iter().enumerate() {
        let name = relay.name.value();
        check_name(&name, relay.name, "the relay's name", "\"APP_BUS\" publishes AppBus", errors);
        if wiring.relays.iter().take(at).any(|earlier| earlier.name.value() == name) {
            errors.on(relay.name, format!("two relays are called \"{name}\"; give each its own name"));
        }
    }
    for entry in &wiring.elsewhere {
        let listed = wiring.stores.iter().chain(&wiring.channels);
        if !listed.into_iter().any(|listed| listed.text == entry.text) {
            let name = &entry.name;
            errors.on(
                entry.path,
                format!("`{name}` is neither in `stores` nor in `channels`; list it there too, or remove it from `elsewhere`"),
            );
        }
    }
}

fn check_distinct(list: &str, entries: &[Named<'_>], errors: &mut Errors) {
    for (at, entry) in entries.iter().enumerate() {
        if entries.iter().take(at).any(|earlier| earlier.text == entry.text) {
            errors.on(entry.path, format!("`{}` is listed twice in `{list}`; remove one of them", entry.text));
        }
    }
}
