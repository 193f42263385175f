include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn via_relay_aggregate_exists_channel(pokemons: EventStore<Pokemon>, bus: CensusBus) {
    pokemons.connect_via_relay(bus);
}

fn main() {}
