#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::sqs::{SqsMessageQueueAdapter, SqsWorker, aws_sdk_sqs::Client};

fn sqs_worker_of_bus(bus: AppBus, client: Client) {
    let _ = SqsWorker::builder(client, "https://queue", &bus, |_, _| async { Ok(()) });
}

fn main() {}
