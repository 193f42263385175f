include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn aggregate_exists_channel(pokemons: EventStore<Pokemon>, bus: CensusBus) {
    Relay::builder(bus).publish(&pokemons);
}

fn main() {}
