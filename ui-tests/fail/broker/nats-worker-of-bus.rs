#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::nats::{NatsListener, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsWorker, async_nats::Client};

fn nats_worker_of_bus(bus: NatsMessageBusAdapter<AppBus>) {
    let _ = NatsWorker::builder(&bus, |_, _| async { Ok(()) });
}

fn main() {}
