#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::sqs::{SqsMessageQueueAdapter, SqsWorker, aws_sdk_sqs::Client};

fn sqs_queue_on_bus_one_store(bus: PokemonBus, client: Client) {
    SqsMessageQueueAdapter::attach_to(&bus, client, "https://queue");
}

fn main() {}
