include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::replay::*;

fn event_type_of_another_store(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    let _ = pour_event_store_events(&pokemons, &app_bus).event_type(TrainerEventType::Joined);
}

fn main() {}
