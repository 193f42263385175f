#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    let _ = Relay::builder(app_bus).publish(&pokemons);
}

fn store_not_carried_one_store(pokemons: EventStore<Pokemon>, pokemon_bus: PokemonBus) {
    let _ = Relay::builder(pokemon_bus).publish(&pokemons);
}

fn store_not_carried_with_state_one_store(pokemons: EventStore<Pokemon>, backup_queue: PokemonBackupQueue) {
    let _ = Relay::builder(backup_queue).publish(&pokemons);
}

fn aggregate_exists_channel(pokemons: EventStore<Pokemon>, bus: AppBus) {
    let _ = Relay::builder(bus).publish(&pokemons);
}

fn aggregate_exists_channel_one_store(pokemons: EventStore<Pokemon>, bus: PokemonBus) {
    let _ = Relay::builder(bus).publish(&pokemons);
}

fn not_a_store(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    let _ = Relay::builder(app_bus).publish(&pokemons);
}

async fn storage_by_reference(pokemons: EventStore<Pokemon>, app_bus: AppBus, storage: InMemoryEventStorageAdapter) {
    let _ = Relay::builder(app_bus).publish(&pokemons).start(storage, RelayStart::Now).await;
}

fn no_start(pokemons: EventStore<Pokemon>, app_bus: AppBus, storage: InMemoryEventStorageAdapter, state: InMemoryEventStorageAdapter) {
    let _ = Relay::builder(app_bus).publish(&pokemons).start_with(storage, state, RelayStart::Beginning);
}

fn storage_without_log(pokemons: EventStore<Pokemon>, app_bus: AppBus, storage: InMemoryEventStorageAdapter, state: InMemoryEventStorageAdapter) {
    let _ = Relay::builder(app_bus).publish(&pokemons).start_with(storage, state, RelayStart::Now);
}

fn storage_without_relay_state(pokemons: EventStore<Pokemon>, app_bus: AppBus, storage: InMemoryEventStorageAdapter, state: InMemoryEventStorageAdapter) {
    let _ = Relay::builder(app_bus).publish(&pokemons).start_with(storage, state, RelayStart::Now);
}

fn inline_queue_on_bus() {
    let _ = InlineMessageQueueAdapter::<AppQueue>::new(|_, _| async { Ok(()) });
}

fn log_as_state_carrying() {
    let _ = castore::log::LogFilter::of::<AppQueueMessage>();
}

fn main() {}
