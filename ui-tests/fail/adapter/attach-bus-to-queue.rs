include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn attach_bus_to_queue(queue: AppQueue) {
    InMemoryMessageBusAdapter::attach_to(&queue);
}

fn main() {}
