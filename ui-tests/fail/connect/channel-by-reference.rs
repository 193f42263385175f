include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn channel_by_reference(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    pokemons.connect(&app_bus);
}

fn main() {}
