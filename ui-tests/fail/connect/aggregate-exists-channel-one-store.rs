include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn aggregate_exists_channel_one_store(pokemons: EventStore<Pokemon>, bus: PokemonCensusBus) {
    pokemons.connect(bus);
}

fn main() {}
