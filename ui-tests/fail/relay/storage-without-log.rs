include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn storage_without_log(pokemons: EventStore<Pokemon>, app_bus: AppBus, state: InMemoryEventStorageAdapter) {
    let _ = Relay::builder(app_bus).publish(&pokemons).start_with("game.db", state, RelayStart::Now);
}

fn main() {}
