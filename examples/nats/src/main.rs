//! A post office on a NATS JetStream bus with two listeners. Each listener receives the messages that pass its filter,
//! in order for each parcel.
//!
//! The example needs a NATS server with JetStream, version 2.10 or later:
//!
//! ```text
//! nats-server -js &
//! NATS_URL=nats://127.0.0.1:4222 cargo run -p example-nats
//! ```
//!
//! or the server of the tests:
//!
//! ```text
//! scripts/services start /tmp/castore && . /tmp/castore/env
//! NATS_URL=$CASTORE_TEST_NATS_URL cargo run -p example-nats
//! scripts/services stop /tmp/castore
//! ```
//!
//! The example creates streams whose subjects begin with `castore.example`, and does not delete them.
#![allow(unreachable_pub, reason = "a program exports nothing; `pub` marks the items for other modules")]

#[path = "../../post_office/parcel.rs"]
mod parcel;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use castore::nats::{NatsListener, NatsPartitionedMessageBusAdapter};
use castore::prelude::*;
use tokio::sync::mpsc;

use crate::parcel::{Parcel, ParcelEvent, ParcelEventType, ToldEvent, send_parcel};

message_channel! {
    /// Events of parcels, in order for each parcel. Adapters without partitions cannot be attached.
    #[channel(order = "per_aggregate")]
    pub type ParcelBus = NotificationMessageBus<Parcel>;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("NATS_URL").map_err(|_| "set NATS_URL, for example to nats://127.0.0.1:4222")?;
    let client = async_nats::connect(url).await?;

    // The publishing side: the connected store publishes every push on the bus.
    let parcel_bus = ParcelBus::new();
    let bus = NatsPartitionedMessageBusAdapter::attach_to(&parcel_bus, client, "castore.example").await?;
    let parcels = EventStore::<Parcel>::new(InMemoryEventStorageAdapter::new()).connect(parcel_bus);

    // The consuming side, which is usually in other processes. The server filters the messages by event type.
    let (delivered, mut deliveries) = mpsc::unbounded_channel();
    let telephone = Listeners::<ParcelBus>::new().in_order().on_with_state(
        Filter::store::<Parcel>().events::<ToldEvent>(),
        delivered,
        async |delivered, message, _| {
            match &message.payload {
                ToldEvent::Sent { to } => println!("{to}: a parcel is on its way"),
                ToldEvent::Delivered => delivered.send(message.event.aggregate_id.clone())?,
            }
            Ok(())
        },
    );
    let telephone = NatsListener::builder_with_listeners(&bus, "telephone", telephone)
        .retry_policy(RetryPolicy::new(3, Duration::from_secs(1), 2.0)?)
        .start()
        .await?;

    let grams = Arc::new(AtomicU32::new(0));
    let sum = grams.clone();
    let weighed = Filter::store::<Parcel>().event_type(ParcelEventType::Weighed);
    let statistics = NatsListener::builder(&bus, "statistics", weighed, move |message, _| {
        if let ParcelEvent::Weighed { grams } = &message.event.payload {
            sum.fetch_add(*grams, Ordering::Relaxed);
        }
        async { Ok(()) }
    })
    .start()
    .await?;

    let mut waiting = Vec::new();
    for to in ["Ada", "Grace"] {
        let id = uuid::Uuid::new_v4().to_string();
        send_parcel(&parcels, &id, to).await?;
        waiting.push(id);
    }
    while !waiting.is_empty() {
        let came = tokio::time::timeout(Duration::from_secs(60), deliveries.recv()).await?;
        waiting.retain(|id| Some(id) != came.as_ref());
    }
    while grams.load(Ordering::Relaxed) < 500 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    telephone.shutdown().await?;
    statistics.shutdown().await?;
    println!("all parcels are delivered, {} grams", grams.load(Ordering::Relaxed));
    Ok(())
}
