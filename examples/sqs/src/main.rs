//! A post office on an SQS FIFO queue: the program pushes events, and a worker notifies the recipients of parcels. The
//! messages of each parcel are handled in order.
//!
//! The example needs SQS, from AWS or from the emulator of the tests:
//!
//! ```text
//! scripts/services start /tmp/castore && . /tmp/castore/env
//! export AWS_ENDPOINT_URL=$CASTORE_TEST_AWS_ENDPOINT_URL AWS_REGION=us-east-1
//! export AWS_ACCESS_KEY_ID=000000000001 AWS_SECRET_ACCESS_KEY=none
//! cargo run -p example-sqs
//! scripts/services stop /tmp/castore
//! ```
//!
//! The example creates the queue `castore-example-parcels.fifo` and a dead-letter queue, and does not delete them.
#![allow(unreachable_pub, reason = "a program exports nothing; `pub` marks the items for other modules")]

#[path = "../../post_office/parcel.rs"]
mod parcel;

use std::error::Error;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use castore::prelude::*;
use castore::sqs::{SqsFifoMessageQueueAdapter, SqsWorker};
use tokio::sync::mpsc;

use crate::parcel::{Parcel, ToldEvent, send_parcel};

message_channel! {
    /// Events of parcels, in order for each parcel. Standard queues cannot be attached.
    #[channel(order = "per_aggregate")]
    pub type ParcelQueue = NotificationMessageQueue<Parcel>;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = client().await;
    let queue_url = fifo_queue(&client, "castore-example-parcels.fifo").await?;
    let dead_letters_url = fifo_queue(&client, "castore-example-parcels-dead-letters.fifo").await?;

    // The publishing side: the connected store publishes every push on the queue.
    let parcel_queue = ParcelQueue::new();
    SqsFifoMessageQueueAdapter::attach_to(&parcel_queue, client.clone(), queue_url.as_str());
    let parcels = EventStore::<Parcel>::new(InMemoryEventStorageAdapter::new()).connect(parcel_queue.clone());

    // The consuming side, which is usually another process.
    let (delivered, mut deliveries) = mpsc::unbounded_channel();
    let listeners = Listeners::<ParcelQueue>::new().in_order().on_with_state(
        Filter::store::<Parcel>().events::<ToldEvent>(),
        delivered,
        async |delivered, message, context| {
            match &message.payload {
                ToldEvent::Sent { to } if context.attempt == 1 => {
                    println!("{to}: the line is busy");
                    return Err(HandlerError::new("the line is busy"));
                }
                ToldEvent::Sent { to } => println!("{to}: a parcel is on its way, attempt {}", context.attempt),
                ToldEvent::Delivered => {
                    println!("the parcel has arrived");
                    delivered.send(message.event.aggregate_id.clone())?;
                }
            }
            Ok(())
        },
    );
    let worker = SqsWorker::builder_with_listeners(client, queue_url.as_str(), &parcel_queue, listeners)
        .retry_policy(RetryPolicy::new(3, Duration::from_secs(1), 2.0)?)
        .dead_letter_queue_url(dead_letters_url.as_str())
        .start()?;

    let mut waiting = Vec::new();
    for to in ["Ada", "Grace"] {
        let id = uuid::Uuid::new_v4().to_string();
        send_parcel(&parcels, &id, to).await?;
        waiting.push(id);
    }
    // Although the first attempt failed, each recipient is notified of the shipment before the delivery.
    while !waiting.is_empty() {
        let came = tokio::time::timeout(Duration::from_secs(60), deliveries.recv()).await?;
        waiting.retain(|id| Some(id) != came.as_ref());
    }
    worker.shutdown().await?;
    println!("all parcels are delivered");
    Ok(())
}

async fn client() -> Client {
    // The program chooses the HTTP client.
    let http_client =
        aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client).load().await;
    Client::new(&config)
}

/// Returns the URL of a FIFO queue. Creates the queue if it does not exist.
async fn fifo_queue(client: &Client, name: &str) -> Result<String, Box<dyn Error>> {
    let made = client.create_queue().queue_name(name).attributes(QueueAttributeName::FifoQueue, "true").send().await?;
    Ok(made.queue_url.ok_or("SQS created a queue without a URL")?)
}
