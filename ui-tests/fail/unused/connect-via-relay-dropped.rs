#![allow(unused)]
#![deny(unused_must_use)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn connect_via_relay_dropped(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    pokemons.connect_via_relay(app_bus);
}

fn main() {}
