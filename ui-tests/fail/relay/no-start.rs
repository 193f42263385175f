include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::relay::InMemoryRelayStorageAdapter;

fn no_start(pokemons: EventStore<Pokemon>, app_bus: AppBus, storage: InMemoryEventStorageAdapter, state: InMemoryRelayStorageAdapter) {
    let _ = Relay::builder(app_bus).publish(&pokemons).start_with(storage, state);
}

fn main() {}
