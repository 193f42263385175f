include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::replay::*;

fn wrong_aggregate_id(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    let _ = pour_aggregate_events(&pokemons, 5, &app_bus);
}

fn main() {}
