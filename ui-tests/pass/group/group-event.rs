#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_of_another_store(pokemons: EventStore<Pokemon>, event: NewEvent<Pokemon>) {
    let _ = pokemons.group_event(event);
}

fn main() {}
