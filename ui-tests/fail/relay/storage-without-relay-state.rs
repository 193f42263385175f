include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn storage_without_relay_state(pokemons: EventStore<Pokemon>, app_bus: AppBus, log: std::sync::Arc<dyn castore::log::EventLog>) {
    let _ = Relay::builder(app_bus).publish(&pokemons).start(log, RelayStart::Now);
}

fn main() {}
