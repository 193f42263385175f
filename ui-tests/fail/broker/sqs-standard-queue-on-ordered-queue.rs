#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::sqs::{SqsMessageQueueAdapter, SqsWorker, aws_sdk_sqs::Client};

fn sqs_standard_queue_on_ordered_queue(queue: OrderedQueue, client: Client) {
    SqsMessageQueueAdapter::attach_to(&queue, client, "https://queue");
}

fn main() {}
