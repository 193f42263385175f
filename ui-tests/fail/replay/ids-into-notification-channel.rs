include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::replay::*;

fn ids_into_notification_channel(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    let _ = pour_event_store_aggregate_ids(&pokemons, &app_bus);
}

fn main() {}
