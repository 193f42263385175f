include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/adapters.rs");

fn queue_adapter_on_bus(bus: AppBus) {
    bus.set_adapter(PostQueueAdapter);
}

fn main() {}
