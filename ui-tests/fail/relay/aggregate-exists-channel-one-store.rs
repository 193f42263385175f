include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn aggregate_exists_channel_one_store(pokemons: EventStore<Pokemon>, bus: PokemonCensusBus) {
    Relay::builder(bus).publish(&pokemons);
}

fn main() {}
