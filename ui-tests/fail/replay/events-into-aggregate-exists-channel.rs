include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::replay::*;

fn events_into_aggregate_exists_channel(pokemons: EventStore<Pokemon>, census_bus: CensusBus) {
    let _ = pour_event_store_events(&pokemons, &census_bus);
}

fn main() {}
