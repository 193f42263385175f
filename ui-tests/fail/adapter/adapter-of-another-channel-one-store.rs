include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn adapter_of_another_channel_one_store(bus: PokemonBus, adapter: InMemoryMessageBusAdapter<AppBus>) {
    bus.set_adapter(adapter);
}

fn main() {}
