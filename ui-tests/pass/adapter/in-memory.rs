#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn attach_queue_to_bus(bus: AppBus) {
    InMemoryMessageBusAdapter::attach_to(&bus);
}

fn attach_bus_to_queue(queue: AppQueue) {
    InMemoryMessageQueueAdapter::attach_to(&queue);
}

fn adapter_of_another_channel(bus: AppBus, adapter: InMemoryMessageBusAdapter<AppBus>) {
    bus.set_adapter(adapter);
}

fn attach_queue_to_bus_one_store(bus: PokemonBus) {
    InMemoryMessageBusAdapter::attach_to(&bus);
}

fn attach_bus_to_queue_one_store(queue: PokemonQueue) {
    InMemoryMessageQueueAdapter::attach_to(&queue);
}

fn adapter_of_another_channel_one_store(bus: PokemonBus, adapter: InMemoryMessageBusAdapter<PokemonBus>) {
    bus.set_adapter(adapter);
}

fn storage_adapter_on_channel(bus: AppBus) {
    bus.set_adapter(InMemoryMessageBusAdapter::<AppBus>::new());
}

fn message_adapter_on_event_store() {
    EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
}

fn main() {}
