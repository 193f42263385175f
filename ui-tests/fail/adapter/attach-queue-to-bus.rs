include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn attach_queue_to_bus(bus: AppBus) {
    InMemoryMessageQueueAdapter::attach_to(&bus);
}

fn main() {}
