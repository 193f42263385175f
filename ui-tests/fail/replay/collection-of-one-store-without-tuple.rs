include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::replay::*;

fn collection_of_one_store_without_tuple(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    let _ = pour_event_store_collection_events(&pokemons, &app_bus);
}

fn main() {}
