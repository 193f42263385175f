#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::nats::{NatsListener, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsWorker, async_nats::Client};

fn nats_without_partitions_on_ordered_bus_one_store(bus: OrderedPokemonBus, client: Client) {
    let _ = NatsMessageBusAdapter::attach_to(&bus, client, "game");
}

fn main() {}
