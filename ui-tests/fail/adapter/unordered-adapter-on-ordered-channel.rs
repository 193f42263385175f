include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/adapters.rs");

fn unordered_adapter_on_ordered_channel(queue: OrderedQueue) {
    queue.set_adapter(PostQueueAdapter);
}

fn main() {}
