//! A post office on an EventBridge bus. The example deploys a listener's filter as a rule whose target is an SQS queue,
//! and a worker of that queue notifies the recipients of parcels.
//!
//! The example needs EventBridge and SQS, from AWS or from the emulator of the tests:
//!
//! ```text
//! scripts/services start /tmp/castore && . /tmp/castore/env
//! export AWS_ENDPOINT_URL=$CASTORE_TEST_AWS_ENDPOINT_URL AWS_REGION=us-east-1
//! export AWS_ACCESS_KEY_ID=000000000001 AWS_SECRET_ACCESS_KEY=none
//! cargo run -p example-event-bridge
//! scripts/services stop /tmp/castore
//! ```
//!
//! The example creates an event bus, a rule and a queue, all named `castore-example-parcels`, and does not delete them.
#![allow(unreachable_pub, reason = "a program exports nothing; `pub` marks the items for other modules")]

#[path = "../../post_office/parcel.rs"]
mod parcel;

use std::error::Error;
use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use castore::event_bridge::{EventBridgeEnvelope, EventBridgeMessageBusAdapter, EventPattern, Rule};
use castore::prelude::*;
use castore::sqs::{EnvelopeContent, SqsWorker};
use tokio::sync::mpsc;

use crate::parcel::{Parcel, ToldEvent, send_parcel};

message_channel! {
    /// Events of parcels, in any order, because EventBridge promises no order.
    pub type ParcelBus = NotificationMessageBus<Parcel>;
}

const NAME: &str = "castore-example-parcels";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = config().await;
    let events = aws_sdk_eventbridge::Client::new(&config);
    let queues = aws_sdk_sqs::Client::new(&config);

    // The filter of the listener determines the pattern of the rule.
    let (told, mut telling) = mpsc::unbounded_channel();
    let listeners = Listeners::<ParcelBus>::new().on_with_state(
        Filter::store::<Parcel>().events::<ToldEvent>(),
        told,
        async |told, message, _| {
            match &message.payload {
                ToldEvent::Sent { to } => println!("{to}: a parcel is on its way"),
                ToldEvent::Delivered => println!("a parcel has arrived"),
            }
            told.send((message.event.aggregate_id.clone(), message.event.version))?;
            Ok(())
        },
    );
    let pattern = EventPattern::of_listeners(&listeners);
    println!("the rule: {pattern}");
    let (queue_url, queue_arn) = queue(&queues).await?;
    if events.describe_event_bus().name(NAME).send().await.is_err() {
        events.create_event_bus().name(NAME).send().await?;
    }
    Rule::new(NAME, NAME, pattern).deploy(&events, &queue_arn).await?;

    // The publishing side: the connected store publishes every push on the bus.
    let parcel_bus = ParcelBus::new();
    EventBridgeMessageBusAdapter::attach_to(&parcel_bus, events, NAME);
    let parcels = EventStore::<Parcel>::new(InMemoryEventStorageAdapter::new()).connect(parcel_bus.clone());

    // The consuming side, which is usually another process.
    let open = |body: &str| {
        let envelope = EventBridgeEnvelope::parse(body).ok()?;
        Some(EnvelopeContent::new(envelope.detail(), envelope.is_replay()))
    };
    let worker = SqsWorker::builder_behind_bus(queues, queue_url, &parcel_bus, listeners, open)
        .retry_policy(RetryPolicy::new(3, Duration::from_secs(1), 2.0)?)
        .start()?;

    let mut waiting = Vec::new();
    for to in ["Ada", "Grace"] {
        let id = uuid::Uuid::new_v4().to_string();
        send_parcel(&parcels, &id, to).await?;
        // Waits for versions 1 and 3. Version 2 is the weight, of which recipients are not notified.
        waiting.extend([(id.clone(), 1), (id, 3)]);
    }
    while !waiting.is_empty() {
        let said = tokio::time::timeout(Duration::from_secs(60), telling.recv()).await?;
        waiting.retain(|message| Some(message) != said.as_ref());
    }
    worker.shutdown().await?;
    println!("all parcels are delivered");
    Ok(())
}

async fn config() -> SdkConfig {
    // The program chooses the HTTP client.
    let http_client =
        aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    aws_config::defaults(BehaviorVersion::latest()).http_client(http_client).load().await
}

/// Returns the URL and the ARN of the queue. Creates the queue if it does not exist, and allows EventBridge to send to
/// it.
async fn queue(client: &aws_sdk_sqs::Client) -> Result<(String, String), Box<dyn Error>> {
    let url =
        client.create_queue().queue_name(NAME).send().await?.queue_url.ok_or("SQS created a queue without a URL")?;
    let asked =
        client.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::QueueArn).send().await?;
    let arn = asked.attributes.and_then(|mut attributes| attributes.remove(&QueueAttributeName::QueueArn));
    let arn = arn.ok_or("the queue has no ARN")?;
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }],
    });
    let request = client.set_queue_attributes().queue_url(&url);
    request.attributes(QueueAttributeName::Policy, policy.to_string()).send().await?;
    Ok((url, arn))
}
