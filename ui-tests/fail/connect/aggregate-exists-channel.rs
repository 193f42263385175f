include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn aggregate_exists_channel(pokemons: EventStore<Pokemon>, bus: CensusBus) {
    pokemons.connect(bus);
}

fn main() {}
