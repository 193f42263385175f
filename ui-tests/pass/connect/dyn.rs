#![allow(unused)]

include!("../../game/stores.rs");

fn dyn_store(pokemons: &castore::AnyEventStore<Pokemon>) {
    let _ = pokemons.event_store_id();
}
