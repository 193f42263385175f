include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn attach_bus_to_queue_one_store(queue: PokemonQueue) {
    InMemoryMessageBusAdapter::attach_to(&queue);
}

fn main() {}
