include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/adapters.rs");

fn bus_adapter_on_queue(queue: AppQueue) {
    queue.set_adapter(PostBusAdapter);
}

fn main() {}
