include!("../../game/stores.rs");
include!("../../game/channels.rs");

async fn storage_by_reference(pokemons: EventStore<Pokemon>, app_bus: AppBus, storage: InMemoryEventStorageAdapter) {
    let _ = Relay::builder(app_bus).publish(&pokemons).start(&storage, RelayStart::Now).await;
}

fn main() {}
