#![allow(unused)]
#![deny(unused_must_use)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn push_not_awaited(pokemons: EventStore<Pokemon>, event: NewEvent<Pokemon>) {
    pokemons.push_event(event);
}

fn main() {}
