include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn adapter_of_another_channel(bus: AppBus, adapter: InMemoryMessageBusAdapter<PokemonBus>) {
    bus.set_adapter(adapter);
}

fn main() {}
