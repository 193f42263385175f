include!("../../game/stores.rs");

fn dyn_store(pokemons: &dyn Store<Pokemon>) {
    let _ = pokemons.event_store_id();
}

fn main() {}
