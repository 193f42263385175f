include!("../../game/stores.rs");

fn dyn_store(pokemons: &dyn Store<Pokemon>) {}

fn main() {}
