include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn channel_in_an_arc(pokemons: EventStore<Pokemon>, app_bus: std::sync::Arc<AppBus>) {
    pokemons.connect(app_bus);
}

fn main() {}
