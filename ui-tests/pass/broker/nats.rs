#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::nats::{NatsListener, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsWorker, async_nats::Client};

fn nats_without_partitions_on_ordered_queue(queue: AppQueue, client: Client) {
    let _ = NatsMessageQueueAdapter::attach_to(&queue, client, "game");
}

fn nats_without_partitions_on_ordered_bus_one_store(bus: PokemonBus, client: Client) {
    let _ = NatsMessageBusAdapter::attach_to(&bus, client, "game");
}

fn nats_bus_on_queue(bus: AppBus, client: Client) {
    let _ = NatsMessageBusAdapter::attach_to(&bus, client, "game");
}

fn nats_worker_of_bus(queue: NatsMessageQueueAdapter<AppQueue>) {
    let _ = NatsWorker::builder(&queue, |_, _| async { Ok(()) });
}

fn nats_listener_of_store_not_carried_one_store(bus: NatsMessageBusAdapter<PokemonBus>) {
    let _ = NatsListener::builder(&bus, "mails", Filter::store::<Pokemon>(), |_, _| async { Ok(()) });
}

fn main() {}
