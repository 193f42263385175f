include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn storage_without_relay_state(pokemons: EventStore<Pokemon>, app_bus: AppBus, storage: InMemoryEventStorageAdapter) {
    let _ = Relay::builder(app_bus).publish(&pokemons).start(storage, RelayStart::Now);
}

fn main() {}
