include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn aggregate_exists_channel_new(pokemons: EventStore<Pokemon>, bus: CensusBus) {
    ConnectedEventStore::new(pokemons, bus);
}

fn main() {}
