#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::nats::{NatsListener, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsWorker, async_nats::Client};

fn nats_bus_on_queue(queue: AppQueue, client: Client) {
    let _ = NatsMessageBusAdapter::attach_to(&queue, client, "game");
}

fn main() {}
