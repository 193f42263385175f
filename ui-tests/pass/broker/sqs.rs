#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::sqs::{SqsMessageQueueAdapter, SqsWorker, aws_sdk_sqs::Client};

fn sqs_standard_queue_on_ordered_queue(queue: AppQueue, client: Client) {
    SqsMessageQueueAdapter::attach_to(&queue, client, "https://queue");
}

fn sqs_queue_on_bus(queue: AppQueue, client: Client) {
    SqsMessageQueueAdapter::attach_to(&queue, client, "https://queue");
}

fn sqs_queue_on_bus_one_store(queue: PokemonQueue, client: Client) {
    SqsMessageQueueAdapter::attach_to(&queue, client, "https://queue");
}

fn sqs_worker_of_bus(queue: AppQueue, client: Client) {
    let _ = SqsWorker::builder(client, "https://queue", &queue, |_, _| async { Ok(()) });
}

fn main() {}
