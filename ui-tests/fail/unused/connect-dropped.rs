#![allow(unused)]
#![deny(unused_must_use)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn connect_dropped(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    pokemons.connect(app_bus);
}

fn main() {}
