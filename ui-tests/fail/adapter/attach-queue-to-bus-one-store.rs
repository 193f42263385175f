include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn attach_queue_to_bus_one_store(bus: PokemonBus) {
    InMemoryMessageQueueAdapter::attach_to(&bus);
}

fn main() {}
