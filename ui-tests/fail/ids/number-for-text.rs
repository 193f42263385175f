include!("../../game/stores.rs");

fn number_for_text(pokemons: EventStore<Pokemon>) {
    let _ = pokemons.get_aggregate(25);
}

fn main() {}
