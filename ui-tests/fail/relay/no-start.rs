include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn no_start(pokemons: EventStore<Pokemon>, app_bus: AppBus, storage: InMemoryEventStorageAdapter, state: InMemoryEventStorageAdapter) {
    let _ = Relay::builder(app_bus).publish(&pokemons).start_with(storage, state);
}

fn main() {}
