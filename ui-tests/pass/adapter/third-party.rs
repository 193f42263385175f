#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/adapters.rs");

fn queue_adapter_on_bus(bus: AppBus) {
    bus.set_adapter(PostBusAdapter);
}

fn bus_adapter_on_queue(queue: AppQueue) {
    queue.set_adapter(PostQueueAdapter);
}

fn queue_adapter_on_bus_one_store(bus: PokemonBus) {
    bus.set_adapter(PostBusAdapter);
}

fn bus_adapter_on_queue_one_store(queue: PokemonQueue) {
    queue.set_adapter(PostQueueAdapter);
}

fn unordered_adapter_on_ordered_channel(queue: AppQueue) {
    queue.set_adapter(PostQueueAdapter);
}

fn main() {}
