include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_of_another_store_connected(pokemons: ConnectedEventStore<Pokemon, AppBus>, event: NewEvent<Trainer>) {
    let _ = pokemons.push_event(event);
}

fn main() {}
