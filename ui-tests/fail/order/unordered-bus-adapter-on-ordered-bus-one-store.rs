include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/adapters.rs");
include!("../../game/ordered.rs");

fn unordered_bus_adapter_on_ordered_bus_one_store(bus: OrderedPokemonBus) {
    bus.set_adapter(PostBusAdapter);
}

fn main() {}
