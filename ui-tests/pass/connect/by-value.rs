#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn channel_by_reference(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    pokemons.connect(app_bus.clone());
}

fn channel_in_an_arc(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    pokemons.connect(app_bus);
}

fn type_of_the_channel(pokemons: EventStore<Pokemon>) {
    pokemons.connect(AppBus::new());
}

fn swapped_arguments(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    ConnectedEventStore::new(pokemons, app_bus);
}
