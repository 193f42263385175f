#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::nats::{NatsListener, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsWorker, async_nats::Client};

fn nats_without_partitions_on_ordered_queue(queue: OrderedQueue, client: Client) {
    let _ = NatsMessageQueueAdapter::attach_to(&queue, client, "game");
}

fn main() {}
