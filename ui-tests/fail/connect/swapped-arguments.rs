include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn swapped_arguments(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    ConnectedEventStore::new(app_bus, pokemons);
}

fn main() {}
