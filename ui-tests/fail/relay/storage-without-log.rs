include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::relay::InMemoryRelayStorageAdapter;

fn storage_without_log(pokemons: EventStore<Pokemon>, app_bus: AppBus, state: InMemoryRelayStorageAdapter) {
    let _ = Relay::builder(app_bus).publish(&pokemons).start_with("game.db", state, RelayStart::Now);
}

fn main() {}
